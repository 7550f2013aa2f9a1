"""The schemas of a topic, as the stream learns them from a registry that answers as Confluent's."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.errors import RegistryRefused
from schemas.registry.client import Registry
from spark_consumer.decode.registry_patience import Asking
from spark_consumer.decode.schema_cache import SchemaCache
from tests.confluent_registry.server import RunningRegistry, serve_registry

CONTRACT = load_catalogue().trade
V1, V2 = (version.text for version in CONTRACT.versions[:2])
SUBJECT = CONTRACT.subject("kraken.trades")


class Subject:
    """The trades' subject as others use it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def add(self, text: str, kind: str = "AVRO", references: Any = (), name: str = SUBJECT) -> int:
        """Register a version; its id."""
        body = {"schema": text, "schemaType": kind, "references": list(references)}
        answer = httpx.post(f"{self.url}/subjects/{name}/versions", json=body)
        return int(answer.raise_for_status().json()["id"])

    def takes_anything(self) -> None:
        """Set the subject's compatibility to NONE."""
        body = {"compatibility": "NONE"}
        httpx.put(f"{self.url}/config/{SUBJECT}", json=body).raise_for_status()

    def delete(self, version: str = "") -> None:
        """Delete a version softly, or all of them."""
        path = f"/subjects/{SUBJECT}" + (f"/versions/{version}" if version else "")
        httpx.delete(f"{self.url}{path}").raise_for_status()


@pytest.fixture
def genuine() -> Iterator[RunningRegistry]:
    """A running registry."""
    with serve_registry() as registry:
        yield registry


@pytest.fixture
def subject(genuine: RunningRegistry) -> Subject:
    """Its subject."""
    return Subject(genuine.url)


def a_cache(registry: RunningRegistry) -> SchemaCache:
    """What a stream that starts now knows; it waits for nothing."""
    asking = Asking(patience=0.1, confirmation=0)
    settings = RegistrySettings(url=registry.url)
    return SchemaCache(Registry(settings), SUBJECT, CONTRACT, asking=asking)


def test_an_old_text_registered_again_takes_no_column(
    genuine: RunningRegistry, subject: Subject
) -> None:
    """Version 1 deleted and registered again is version 3, and v2 stays the reader."""
    first, second = subject.add(V1), subject.add(V2)
    subject.delete("1")
    assert subject.add(V1) == first
    plan = a_cache(genuine).plan
    assert plan.reader_name == "trade v2"
    assert set(plan.writers) == {first, second}


def test_what_a_client_registers_by_itself_is_not_adopted(
    genuine: RunningRegistry, subject: Subject
) -> None:
    """v1 without its docs, registered while the stream runs."""
    subject.add(V1)
    subject.add(V2)
    cache = a_cache(genuine)
    bare = json.loads(V1)
    bare.pop("doc")
    bare_id = subject.add(json.dumps(bare))
    assert cache.learn({bare_id})
    assert cache.plan.reader_name == "trade v2"
    assert bare_id in cache.plan.writers


def test_ids_of_deleted_versions_are_ours(genuine: RunningRegistry, subject: Subject) -> None:
    """Deleted before the start, while the stream runs, and all of them with the subject."""
    first = subject.add(V1)
    second = subject.add(V2)
    subject.delete("1")
    cache = a_cache(genuine)
    assert first in cache.plan.writers
    more = json.loads(V2)
    more["fields"].append({"name": "note", "type": "string", "default": ""})
    third = subject.add(json.dumps(more))
    subject.delete("3")
    assert cache.learn({third})
    assert (set(cache.plan.writers), cache.plan.foreign) == ({first, second, third}, frozenset())
    subject.delete()
    assert set(a_cache(genuine).plan.writers) == {first, second, third}


def test_references_are_written_out(genuine: RunningRegistry, subject: Subject) -> None:
    """A version whose enum is in a subject of its own is decoded, and may be the reader."""
    side = {"type": "enum", "name": "Venue", "namespace": "marketdata", "symbols": ["A", "B"]}
    subject.add(json.dumps(side | {"default": "A"}), name="venue")
    subject.add(V2)
    referring = json.loads(V2)
    referring["fields"].append({"name": "venue", "type": "Venue", "default": "A"})
    reference = {"name": "marketdata.Venue", "subject": "venue", "version": 1}
    schema_id = subject.add(json.dumps(referring), references=[reference])
    plan = a_cache(genuine).plan
    written = json.loads(plan.writers[schema_id])["fields"][-1]["type"]
    assert written == side | {"default": "A"}
    assert plan.reader == plan.writers[schema_id]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("JSON", '{"type": "object"}'),
        ("PROTOBUF", 'syntax = "proto3"; message Trade { int64 id = 1; }'),
        ("AVRO", '"string"'),
        ("AVRO", '{"type": "record", "name": "Order", "fields": []}'),
    ],
)
def test_what_is_no_trade_is_passed_over(
    genuine: RunningRegistry, subject: Subject, kind: str, text: str
) -> None:
    """Under NONE a subject takes anything; its records are refused with what it is."""
    subject.takes_anything()
    ours = subject.add(V2)
    other = subject.add(text, kind)
    plan = a_cache(genuine).plan
    assert (set(plan.writers), plan.reader_name) == ({ours}, "trade v2")
    assert plan.refused[other].startswith(f"schema id {other} ")


def test_a_subject_without_a_trade_is_no_traceback(
    genuine: RunningRegistry, subject: Subject
) -> None:
    """The catalogue's newest is what a trade would be read into."""
    subject.add('{"type": "object"}', "JSON")
    plan = a_cache(genuine).plan
    assert (dict(plan.writers), plan.reader_name) == ({}, "trade v2")


def test_a_registry_made_anew_under_the_stream_is_asked_again(
    genuine: RunningRegistry, subject: Subject
) -> None:
    """The client's own memory of versions and ids is not taken for the registry's word."""
    first, second = subject.add(V1), subject.add(V2)
    cache = a_cache(genuine)
    genuine.__init__()  # type: ignore[misc]  # all that it held is gone, its port stays
    for kind in ("int", "long", "string"):
        subject.add(f'"{kind}"', name=f"{kind}s")
    again = subject.add(V1), subject.add(V2)
    assert cache.learn({again[1]})
    assert {first, second, *again} <= set(cache.plan.writers)
    assert cache.plan.foreign == frozenset()


def test_an_id_of_another_subject_is_named() -> None:
    """The plan says whose it is, so that the quarantine can."""
    with serve_registry() as genuine:
        registry = Registry(RegistrySettings(url=genuine.url))
        registry.register(SUBJECT, V2)
        foreign = registry.register("orders-value", V1)
        cache = SchemaCache(registry, SUBJECT, CONTRACT, asking=Asking(confirmation=0))
        cache.learn({foreign})
    assert cache.plan.foreign == {foreign}
    assert cache.plan.foreign_subjects == {foreign: "orders-value"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_not_asked_again(status: int) -> None:
    """One request, one clear error, and no waiting."""
    with serve_registry() as genuine:
        genuine.status = status
        with pytest.raises(RegistryRefused, match="SCHEMA_REGISTRY_PASSWORD"):
            SchemaCache(Registry(RegistrySettings(url=genuine.url)), SUBJECT, CONTRACT)
        assert len(genuine.asked) == 1
