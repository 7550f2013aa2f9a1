import json
from typing import TYPE_CHECKING

import pytest

from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.errors import (
    IncompatibleSchema,
    RegistryAnswerInvalid,
    RegistryError,
    RegistryRefused,
    RegistryUnavailable,
    SchemaInvalid,
    SchemaNotFound,
    SchemaNotRegistered,
    SubjectNotFound,
    TransientRegistryError,
)
from schemas.registry.client import Registry, same_schema
from schemas.registry.registered import RegisteredVersion
from schemas.registry.subject_state import subject_state

if TYPE_CHECKING:
    from conftest import FakeRegistry

TEXT = load_catalogue().trade.newest.text
HIDDEN, WRONG = "s3cret", "wr0ng"
OTHER = load_catalogue().cursor.newest.text


@pytest.fixture
def registry(settings: RegistrySettings) -> Registry:
    """The registry under test, connected to the running fake."""
    return Registry(settings)


def test_what_is_registered_is_found_again(registry: Registry) -> None:
    """After a registration, id, version and text can be asked for in every way."""
    schema_id = registry.register("s", TEXT)
    held = RegisteredVersion("s", 1, schema_id, TEXT)
    assert registry.versions("s") == [held]
    assert registry.find("s", TEXT) == held
    assert registry.require("s", TEXT) == held
    assert registry.schema_text(schema_id) == TEXT


def test_versions_come_oldest_first(registry: Registry, fake: "FakeRegistry") -> None:
    """Versions are numbered by the registry, their ids may skip numbers."""
    ids = [fake.put("s", TEXT), fake.put("s", OTHER)]
    assert [(held.version, held.schema_id) for held in registry.versions("s")] == [
        (1, ids[0]),
        (2, ids[1]),
    ]


def test_an_unknown_subject_is_an_error_or_none(registry: Registry) -> None:
    """Asking for an unknown subject's versions is an error, looking for one among them is not."""
    with pytest.raises(SubjectNotFound, match="no subject s"):
        registry.versions("s")
    assert registry.find("s", TEXT) is None
    assert registry.is_compatible("s", TEXT)


def test_a_schema_that_is_not_among_the_versions_is_none(
    registry: Registry, fake: "FakeRegistry"
) -> None:
    """Another schema of the same subject is not taken for the one asked for."""
    fake.put("s", OTHER)
    assert registry.find("s", TEXT) is None
    with pytest.raises(SchemaNotRegistered, match=r"kraken-lake schemas register"):
        registry.require("s", TEXT)


def test_find_answers_as_serializers_will_be_answered(
    registry: Registry, fake: "FakeRegistry"
) -> None:
    """A text that differs in white space is found only where a serializer would find it."""
    fake.put("s", json.dumps(json.loads(TEXT), indent=2))
    found = registry.find("s", TEXT)
    assert (found is not None) == (fake.dialect == "confluent")


def test_an_unknown_id_is_reported(registry: Registry) -> None:
    """An id that the registry never gave is an error that names it."""
    with pytest.raises(SchemaNotFound, match="id 7"):
        registry.schema_text(7)


def test_modes(registry: Registry, fake: "FakeRegistry") -> None:
    """A subject has no mode of its own until one is set, before it exists even."""
    before = subject_state(registry, "s")
    assert before.own_level is None
    assert before.level == ("BACKWARD" if fake.dialect == "confluent" else "NONE")
    registry.set_mode("s", "FULL_TRANSITIVE")
    after = subject_state(registry, "s")
    assert (after.own_level, after.level) == ("FULL_TRANSITIVE", "FULL_TRANSITIVE")


def test_a_conflict_names_the_subject(registry: Registry, fake: "FakeRegistry") -> None:
    """HTTP 409 is an incompatible schema, whatever error code its body carries."""
    fake.refused.add("s")
    assert not registry.is_compatible("s", TEXT)
    with pytest.raises(IncompatibleSchema, match=r"^s takes no such version"):
        registry.register("s", TEXT)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b'{"error_code": 401, "message": "Unauthorized"}', RegistryRefused),
        (403, b"<html>Forbidden</html>", RegistryRefused),
        (429, b"{}", RegistryUnavailable),
        (500, b'{"error_code": 50001, "message": "store"}', RegistryUnavailable),
        (503, b"<html>proxy</html>", RegistryUnavailable),
        (404, b"<html>no such page</html>", RegistryAnswerInvalid),
        (404, b'{"error_code": 404, "message": "HTTP 404 Not Found"}', RegistryAnswerInvalid),
        (302, b"", RegistryAnswerInvalid),
        (422, b'{"error_code": 42201, "message": "Invalid Avro"}', SchemaInvalid),
        (200, b"<html>welcome</html>", RegistryAnswerInvalid),
        (200, b"", RegistryAnswerInvalid),
        (200, b"[]", RegistryAnswerInvalid),
        (200, b"{}", RegistryAnswerInvalid),
        (200, b'"text"', RegistryAnswerInvalid),
        (200, b"null", RegistryAnswerInvalid),
        (200, b"\xff\xfe", RegistryAnswerInvalid),
    ],
)
@pytest.mark.parametrize("fake", ["confluent"], indirect=True)
def test_every_wrong_answer_is_distinguished(
    registry: Registry,
    fake: "FakeRegistry",
    status: int,
    body: bytes,
    expected: type[RegistryError],
) -> None:
    """Refusal, illness, rubbish and a wrong address each have their own error, naming the URL."""
    fake.always = (status, body)
    with pytest.raises(RegistryError) as raised:
        registry.find("s", TEXT)
    assert type(raised.value) is expected
    assert fake.url in str(raised.value)
    assert isinstance(raised.value, TransientRegistryError) == (expected is RegistryUnavailable)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"[[]]", b'{"a": 1}', b"null", b"7", b"<html>"])
@pytest.mark.parametrize("fake", ["confluent"], indirect=True)
def test_rubbish_is_reported_by_every_call(
    registry: Registry, fake: "FakeRegistry", body: bytes
) -> None:
    """Whichever question is answered with rubbish, only errors of ours come out."""
    fake.always = (200, body)
    for call in (
        lambda: registry.schema_text(1),
        lambda: registry.versions("s"),
        lambda: registry.find("s", TEXT),
        lambda: registry.register("s", TEXT),
        lambda: subject_state(registry, "s"),
        lambda: registry.is_compatible("s", TEXT),
    ):
        with pytest.raises(RegistryAnswerInvalid):
            call()


@pytest.mark.parametrize("fake", ["confluent"], indirect=True)
def test_login(fake: "FakeRegistry") -> None:
    """User and password are sent; without them access is refused, and neither is shown."""
    fake.login = ("me", HIDDEN)
    let_in = Registry(RegistrySettings(url=fake.url, username="me", password=HIDDEN))
    assert let_in.find("s", TEXT) is None
    with pytest.raises(RegistryRefused, match="SCHEMA_REGISTRY_PASSWORD") as raised:
        Registry(RegistrySettings(url=fake.url, username="me", password=WRONG)).find("s", TEXT)
    assert WRONG not in str(raised.value)


def test_a_registry_that_is_down_is_unavailable() -> None:
    """A refused connection is reported as such, with the URL and what to look at."""
    registry = Registry(RegistrySettings(url="http://127.0.0.1:1"))
    with pytest.raises(RegistryUnavailable, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        registry.versions("s")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ('{"a": [1, 2]}', '{"a": [2, 1]}', False),
        ('syntax = "proto3";', "{}", False),
    ],
)
def test_same_schema(one: str, other: str, *, same: bool) -> None:
    """White space and the order of keys make no difference, everything else does."""
    assert same_schema(one, other) is same
