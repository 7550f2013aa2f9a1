"""The golden records: every library reads them alike, and they try what is hard to read."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemas.avro.wire import unframe
from schemas.catalogue import SchemaVersion
from schemas.releases.golden import GoldenRecord, plain
from tests.golden_records import load_golden

Golden = tuple[SchemaVersion, GoldenRecord]
CONTEXT = SerializationContext("golden", MessageField.VALUE)
Reader = Callable[[SchemaVersion, bytes], object]


def read_with_fastavro(version: SchemaVersion, framed: bytes) -> object:
    """Decode one framed record with fastavro."""
    _, payload = unframe(framed)
    return fastavro.schemaless_reader(io.BytesIO(payload), version.parsed, None)


def read_with_apache_avro(version: SchemaVersion, framed: bytes) -> object:
    """Decode one framed record with the Apache project's own library."""
    _, payload = unframe(framed)
    decoder = avro.io.BinaryDecoder(io.BytesIO(payload))
    return avro.io.DatumReader(avro.schema.parse(version.text)).read(decoder)


def read_with_confluent(version: SchemaVersion, framed: bytes) -> object:
    """Decode one framed record with Confluent's deserializer, over a registry that holds it."""
    return confluent_deserializer(version)(framed, CONTEXT)


@cache
def registry_of(version: SchemaVersion) -> SchemaRegistryClient:
    """A registry in this process that gives the version its number as id."""
    client = SchemaRegistryClient.new_client({"url": f"mock://{version}"})
    for number in range(1, version.version):
        filler = f'{{"type": "fixed", "name": "filler{number}", "size": 1}}'
        client.register_schema("golden-value", Schema(filler, "AVRO"))
    assert client.register_schema("golden-value", Schema(version.text, "AVRO")) == version.version
    return client


@cache
def confluent_deserializer(version: SchemaVersion) -> AvroDeserializer:
    """A deserializer over that registry."""
    return AvroDeserializer(registry_of(version), conf={"subject.name.strategy.type": "TOPIC"})


@cache
def confluent_serializer(version: SchemaVersion) -> AvroSerializer:
    """A serializer over that registry."""
    conf = {"auto.register.schemas": False, "subject.name.strategy.type": "TOPIC"}
    return AvroSerializer(registry_of(version), version.text, conf=conf)


@pytest.mark.parametrize(
    "read",
    [read_with_fastavro, read_with_apache_avro, read_with_confluent],
    ids=lambda f: f.__name__,
)
def test_every_library_reads_it_alike(golden: Golden, read: Reader) -> None:
    """The record decodes to the values that were written down at its release, all of them."""
    version, record = golden
    assert plain(read(version, record.framed)) == record.value


def test_apache_avro_writes_the_same_bytes(golden: Golden) -> None:
    """Another encoder than the one that made the record gives the same bytes, to the last."""
    version, record = golden
    _, payload = unframe(record.framed)
    buffer = io.BytesIO()
    writer = avro.io.DatumWriter(avro.schema.parse(version.text))
    writer.write(read_with_fastavro(version, record.framed), avro.io.BinaryEncoder(buffer))
    assert buffer.getvalue() == payload


def test_the_header_names_the_version(golden: Golden) -> None:
    """Golden records carry their version's number as schema id."""
    version, record = golden
    schema_id, _ = unframe(record.framed)
    assert schema_id == version.version


def test_the_records_try_every_field_at_its_extremes(released: SchemaVersion) -> None:
    """Among them are every enum symbol, the largest decimals, empty text, far and early times."""
    values: list[Any] = [
        read_with_fastavro(released, record.framed) for record in load_golden(released)
    ]
    for field in released.parsed["fields"]:
        seen = [value[field["name"]] for value in values]
        match field["type"]:
            case {"type": "enum", "symbols": symbols}:
                assert set(seen) == set(symbols), field["name"]
            case {"logicalType": "decimal", "precision": precision, "scale": scale}:
                largest = Decimal(10**precision - 1).scaleb(-scale)
                assert {largest, -largest, Decimal(0)} <= set(seen), field["name"]
            case {"logicalType": "timestamp-micros"}:
                assert min(seen) < datetime(1583, 1, 1, tzinfo=UTC), field["name"]
                assert max(seen) > datetime(9999, 1, 1, tzinfo=UTC), field["name"]
            case "string":
                assert "" in seen, field["name"]
            case "long":
                assert {2**63 - 1, -(2**63)} <= set(seen), field["name"]


def test_confluents_serializer_writes_the_golden_bytes(golden: Golden) -> None:
    """What the producer is held to is what `AvroSerializer` sends, header included."""
    version, record = golden
    values: Any = read_with_fastavro(version, record.framed)
    assert confluent_serializer(version)(values, CONTEXT) == record.framed
