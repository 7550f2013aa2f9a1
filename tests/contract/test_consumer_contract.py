"""Whether records of any released version are read with any other, as the consumer reads them."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemas.avro.wire import unframe
from schemas.catalogue import Contract, SchemaVersion
from schemas.releases.golden import plain
from tests.golden_records import load_golden

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_with_fastavro(contract: Contract, reader: SchemaVersion, framed: bytes) -> Any:
    """Decode by the writer's schema that the header names, into the reader's."""
    number, payload = unframe(framed)
    writer = contract.version(number)
    return fastavro.schemaless_reader(io.BytesIO(payload), writer.parsed, reader.parsed)


def read_with_confluent(contract: Contract, reader: SchemaVersion, framed: bytes) -> Any:
    """The same by Confluent's deserializer, which asks a registry for the writer's schema."""
    context = SerializationContext("golden", MessageField.VALUE)
    return confluent_deserializer(contract, reader)(framed, context)


@cache
def confluent_deserializer(contract: Contract, reader: SchemaVersion) -> AvroDeserializer:
    """A deserializer over a registry that holds all versions, numbered from 1."""
    client = SchemaRegistryClient.new_client({"url": f"mock://{reader}"})
    for version in contract.versions:
        client.register_schema("golden-value", Schema(version.text, "AVRO"))
    return AvroDeserializer(client, reader.text, conf={"subject.name.strategy.type": "TOPIC"})


def expected(reader: SchemaVersion, written: Mapping[str, Any]) -> dict[str, Any]:
    """What the reader must see: what was written, and its own defaults for what was not."""
    return {
        field["name"]: known(field["type"], written[field["name"]])
        if field["name"] in written
        else default(field)
        for field in reader.parsed["fields"]
    }


def known(kind: Any, value: Any) -> Any:
    """The value, or an enum's default for a symbol that the reader does not know."""
    match kind:
        case {"type": "enum", "symbols": symbols, "default": unknown} if value not in symbols:
            return unknown
        case _:
            return value


def default(field: Mapping[str, Any]) -> Any:
    """A field's default in plain form; JSON writes it by its physical type."""
    match field["type"]:
        case {"logicalType": "decimal", "scale": scale}:
            unscaled = int.from_bytes(field["default"].encode("latin-1"), signed=True)
            return plain(Decimal(unscaled).scaleb(-scale))
        case {"logicalType": "timestamp-micros"}:
            return plain(EPOCH + timedelta(microseconds=field["default"]))
        case _:
            return field["default"]


@pytest.mark.parametrize(
    "read", [read_with_fastavro, read_with_confluent], ids=["fastavro", "confluent"]
)
def test_any_version_reads_the_golden_records_of_any_other(contract: Contract, read: Any) -> None:
    """Golden values come out across versions: shared fields as written, others by default."""
    for reader in contract.versions:
        for writer in contract.versions:
            for record in load_golden(writer):
                seen = plain(read(contract, reader, record.framed))
                assert seen == expected(reader, record.value), f"{reader} reads {writer}"
