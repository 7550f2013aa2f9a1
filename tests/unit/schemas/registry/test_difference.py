"""Catalogue, registry and records side by side."""

import uuid
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from runtime.settings import KafkaSettings
from schemas.__main__ import app
from schemas.avro.wire import VALUE_SCHEMA_HEADER, frame
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.comparison import compare
from schemas.registry.difference import Row
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from schemas.registry.topic_usage import UNFRAMED, named_schema

if TYPE_CHECKING:
    from tests.confluent_registry.server import RunningRegistry

CATALOGUE = load_catalogue()
V1, V2 = (version.text for version in CATALOGUE.trade.versions)
GUID = uuid.UUID(int=7)


def rows(
    client: Registry, usage: "Counter[int | str] | None", monkeypatch: pytest.MonkeyPatch
) -> list[Row]:
    """The trades' rows, with records as they were counted."""
    monkeypatch.setattr(
        "schemas.registry.comparison.read_usage",
        lambda _, topic, __: usage if topic == "t" else Counter(),
    )
    last = None if usage is None else 10
    return [
        row
        for row in compare(CATALOGUE, client, KafkaSettings(topic="t"), last)
        if row.subject == "t-value"
    ]


def test_all_is_one(client: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of a version are counted, whichever of its ids they name; nothing is remarked."""
    apply_plan(plan_registration(CATALOGUE, "t", client), client)
    found = rows(client, Counter({1: 4, 2: 30, 3: 2}), monkeypatch)
    assert found == [
        Row("t-value", "v1", "#1 (id 1)", 4, ""),
        Row("t-value", "v2", "#2 (id 2), #3 (id 3)", 32, ""),
    ]


def test_what_differs_is_named(client: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing version, an undeclared one, ids and values without a meaning."""
    client.register("t-value", V1)
    client.register("t-value", V1.replace("One trade as", "A trade as"))
    found = rows(client, Counter({2: 5, 77: 1, UNFRAMED: 3}), monkeypatch)
    assert [(row.declared, row.registered, row.records) for row in found] == [
        ("v1", "#1 (id 1)", 0),
        ("v2", "", 0),
        ("", "#2 (id 2)", 5),
        ("", "id 77", 1),
        ("", UNFRAMED, 3),
    ]
    assert [bool(row.remark) for row in found] == [False, True, True, True, True]


def test_a_guid_is_followed(
    client: Registry, genuine: "RunningRegistry", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that names its schema by GUID counts for the version that has it."""
    client.register("t-value", V1)
    guid = genuine.store.versions["t-value"][0].content.guid
    found = rows(client, Counter({f"guid {guid}": 6, f"guid {GUID}": 1}), monkeypatch)
    assert [(row.declared, row.registered, row.records) for row in found] == [
        ("v1", "#1 (id 1)", 6),
        ("v2", "", 0),
        ("", f"guid {GUID}", 1),
    ]


@pytest.mark.parametrize(
    ("value", "headers", "name"),
    [
        (frame(300, b"x"), None, 300),
        (b"\x01" + GUID.bytes + b"x", [], f"guid {GUID}"),
        (b"x", [(VALUE_SCHEMA_HEADER, b"\x01" + GUID.bytes)], f"guid {GUID}"),
        (b"\x01" + GUID.bytes[:8], None, UNFRAMED),
        (b"{}", [("lane", b"backfill")], UNFRAMED),
        (b"", None, UNFRAMED),
    ],
)
def test_what_a_record_names(
    value: bytes, headers: list[tuple[str, str | bytes | None]] | None, name: int | str
) -> None:
    """An id before the payload, a GUID before it or in the header, or nothing."""
    assert named_schema(value, headers) == name


def test_the_command(genuine: "RunningRegistry", monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 1 while something differs; without Kafka the records are not asked for."""
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", genuine.url)
    before = CliRunner().invoke(app, ["diff"], env={"COLUMNS": "200"})
    assert before.exit_code == 1
    assert "not registered: make register-schemas" in before.stdout
    assert CliRunner().invoke(app, ["register"]).exit_code == 0
    after = CliRunner().invoke(app, ["diff"], env={"COLUMNS": "200"})
    assert after.exit_code == 0
    assert "not asked" in after.stdout
