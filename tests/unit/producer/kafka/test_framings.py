"""Trades that name their schema in a Kafka header, beside Confluent's own clients."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.schema_registry import header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from producer.kafka.decoder import RecordDecoder
from producer.kafka.serializer import RecordSerializer
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch
from runtime.settings import RegistrySettings
from schemas.avro.wire import VALUE_SCHEMA_HEADER, SchemaIdFraming, identifier
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from tests.confluent_registry.server import serve_registry

TRADE = load_catalogue().trade


@pytest.fixture
def genuine() -> Iterator[Registry]:
    """A registry that answers as Confluent's does, with the trades' subject."""
    with serve_registry() as running:
        registry = Registry(RegistrySettings(url=running.url))
        registry.register("t-value", TRADE.newest.text)
        yield registry


def context(headers: Any) -> SerializationContext:
    """Of a value of the topic `t`."""
    return SerializationContext("t", MessageField.VALUE, headers)


@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_confluents_deserializer_reads_what_we_write(
    genuine: Registry, trades: Callable[..., list[Trade]], framing: SchemaIdFraming
) -> None:
    """Every field of a trade, in either framing; so does our own decoder."""
    serializer = RecordSerializer(genuine, TRADE, "t", framing)
    (trade,) = trades([10218208])
    (value,) = serializer.serialize(TradeBatch.of([trade]).columns)
    theirs = AvroDeserializer(genuine.client)(value, context(list(serializer.headers)))
    ours = RecordDecoder(genuine, TRADE).fields(value, serializer.headers)
    assert theirs == ours == {field: getattr(trade, field) for field in ours}


def test_the_header_is_confluents_own(
    genuine: Registry, trades: Callable[..., list[Trade]]
) -> None:
    """Name, bytes and value are those that its header serializer gives."""
    serializer = RecordSerializer(genuine, TRADE, "t", "header")
    (trade,) = trades([1])
    (value,) = serializer.serialize(TradeBatch.of([trade]).columns)
    settings = {
        "auto.register.schemas": False,
        "schema.id.serializer": header_schema_id_serializer,
    }
    theirs = AvroSerializer(genuine.client, TRADE.newest.text, conf=settings)
    headers: list[tuple[str, bytes]] = []
    fields = {
        field["name"]: getattr(trade, field["name"]) for field in TRADE.newest.parsed["fields"]
    }
    assert theirs(fields, context(headers)) == value
    assert tuple(headers) == serializer.headers


def test_a_registry_without_guids_is_named_by_id(
    genuine: Registry, trades: Callable[..., list[Trade]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Apicurio: the header holds magic byte 0 and the id, which Confluent's clients read too."""
    held = replace(genuine.require("t-value", TRADE.newest.text), guid="")
    monkeypatch.setattr(genuine, "require", lambda *_: held)
    serializer = RecordSerializer(genuine, TRADE, "t", "header")
    (trade,) = trades([1])
    (value,) = serializer.serialize(TradeBatch.of([trade]).columns)
    assert serializer.headers == ((VALUE_SCHEMA_HEADER, identifier(held.schema_id)),)
    assert AvroDeserializer(genuine.client)(value, context(list(serializer.headers)))


def test_cursors_keep_the_prefix(genuine: Registry, trades: Callable[..., list[Trade]]) -> None:
    """Trades carry the header beside their scope's; unless asked for, none does."""
    cursors = RecordSerializer(genuine, load_catalogue().cursor, "c")
    assert cursors.headers == ()
    plain = RecordSerializer(genuine, TRADE, "t")
    plain.serialize(TradeBatch.of(trades([1])).columns)
    assert plain.headers == ()
