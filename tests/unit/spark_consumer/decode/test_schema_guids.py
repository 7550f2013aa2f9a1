"""GUIDs that records name, as the stream learns them."""

import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from confluent_kafka.schema_registry.error import SchemaRegistryError

from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from spark_consumer.decode.registry_patience import Asking
from spark_consumer.decode.schema_cache import SchemaCache
from tests.confluent_registry.server import RunningRegistry, serve_registry

CONTRACT = load_catalogue().trade
SUBJECT = CONTRACT.subject("kraken.trades")
OTHER = json.dumps({"type": "record", "name": "Other", "fields": []})


@pytest.fixture
def genuine() -> Iterator[RunningRegistry]:
    """A running registry."""
    with serve_registry() as registry:
        yield registry


@pytest.fixture
def registry(genuine: RunningRegistry) -> Registry:
    """The same as clients see it, with the first version of the subject."""
    registry = Registry(RegistrySettings(url=genuine.url))
    registry.register(SUBJECT, CONTRACT.versions[0].text)
    return registry


def guid_of(registry: Registry, subject: str) -> UUID:
    """The newest version's."""
    return UUID(registry.versions(subject)[-1].guid)


def a_cache(registry: Registry) -> SchemaCache:
    """What a stream that starts now knows; it waits for nothing."""
    return SchemaCache(registry, SUBJECT, CONTRACT, asking=Asking(patience=0.1, confirmation=0))


def test_the_guid_of_a_known_version_needs_no_question(
    registry: Registry, genuine: RunningRegistry
) -> None:
    """It came with the version."""
    cache = a_cache(registry)
    (schema_id,) = cache.plan.writers
    guid = guid_of(registry, SUBJECT)
    assert cache.plan.names_of([schema_id]) == [schema_id, guid]
    genuine.asked.clear()
    assert not cache.learn([guid, schema_id])
    assert genuine.asked == []


def test_a_guid_registered_later_is_learnt(registry: Registry) -> None:
    """As an id is, with the first record that names it."""
    cache = a_cache(registry)
    registry.register(SUBJECT, CONTRACT.newest.text)
    guid = guid_of(registry, SUBJECT)
    assert cache.learn([guid])
    assert cache.plan.id_of(guid) in cache.plan.writers
    assert cache.plan.reader == CONTRACT.newest.text


def test_guids_of_others_and_of_nothing_are_distinguished(registry: Registry) -> None:
    """One that another subject has is foreign; one that no subject has is unknown."""
    cache = a_cache(registry)
    registry.register("other-value", OTHER)
    other, nobodys = guid_of(registry, "other-value"), uuid4()
    assert cache.learn([other, nobodys])
    assert cache.plan.foreign == {other}
    assert cache.plan.id_of(nobodys) is None


def test_a_registry_that_lists_no_guids_is_asked_for_their_content(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GUID identifies a content, and the subject may have that content."""
    guid = guid_of(registry, SUBJECT)
    monkeypatch.setattr("tests.confluent_registry.store.Stored.shown", _without_guid)
    cache = a_cache(registry)
    assert cache.plan.guids == {}
    assert cache.learn([guid])
    assert cache.plan.id_of(guid) in cache.plan.writers
    assert cache.plan.foreign == frozenset()


def test_where_a_registry_knows_no_guids_none_is_known(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Apicurio: 404 without a body, since it has no such path. The record is quarantined."""

    def no_path(*_: object) -> None:
        raise SchemaRegistryError(404, -1, "Unknown Schema Registry Error: b''")

    monkeypatch.setattr(registry.client, "get_schema_by_guid", no_path)
    cache = a_cache(registry)
    assert not cache.learn([uuid4()])
    assert cache.plan.foreign == frozenset()


def _without_guid(stored: object) -> dict[str, object]:
    return {
        "subject": stored.subject,  # type: ignore[attr-defined]
        "version": stored.version,  # type: ignore[attr-defined]
        "id": stored.schema_id,  # type: ignore[attr-defined]
        **stored.content.shown(),  # type: ignore[attr-defined]
    }
