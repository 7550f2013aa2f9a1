"""Records that name their schema before their bytes or in a Kafka header, by id or by GUID."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka import Producer
from confluent_kafka.schema_registry import (
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from lake.read.quarantine import count_by_reason, records
from runtime.settings import RegistrySettings
from schemas.avro.wire import VALUE_SCHEMA_HEADER, SchemaName, identifier, unframe
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from spark_consumer.decode.reasons import Reason
from tests.confluent_registry.server import serve_registry
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.test_evolution import with_field
from tests.integration.spark_consumer.test_replay import replay_again

EACH = 10_000
TRADE = load_catalogue().trade

Headers = list[tuple[str, bytes]]
Message = tuple[bytes, Headers]
"""Value and headers."""


@pytest.fixture
def genuine(pipeline: Pipeline) -> Iterator[Pipeline]:
    """The same topic and lake, with a registry that gives GUIDs as Confluent's does."""
    with serve_registry() as running:
        registry = Registry(RegistrySettings(url=running.url))
        for version in TRADE.versions:
            registry.register(f"{pipeline.kafka.topic}-value", version.text)
        yield replace(pipeline, registry=RegistrySettings(url=running.url))


@pytest.fixture
def made(genuine: Pipeline) -> TradeMaker:
    """Trades for its subject."""
    return TradeMaker(Registry(genuine.registry), f"{genuine.kafka.topic}-value")


def send(pipeline: Pipeline, messages: list[Message]) -> None:
    """Write records in one committed transaction."""
    config = {**pipeline.kafka.client_config(), "transactional.id": "framings"}
    producer = Producer(config)
    producer.init_transactions()
    producer.begin_transaction()
    for value, headers in messages:
        producer.produce(pipeline.kafka.topic, value, b"BTC/USD", headers=headers)
        producer.poll(0)
    producer.commit_transaction()


def before(name: SchemaName, payload: bytes) -> Message:
    """Named before the payload."""
    return identifier(name) + payload, []


def in_header(name: SchemaName, payload: bytes) -> Message:
    """Named in a header, beside another header."""
    return payload, [("lane", b"backfill"), (VALUE_SCHEMA_HEADER, identifier(name))]


def test_ten_thousand_of_each_framing_land(genuine: Pipeline, made: TradeMaker) -> None:
    """Shuffled, by ids and GUIDs of two versions; unknown ones land once they are registered."""
    versions = made.registry.versions(made.subject)[-2:]
    unseen = with_field(TRADE.newest.parsed, "venue_note", "")
    later_id, later_guid = known_elsewhere(made, json.dumps(unseen, separators=(",", ":")))
    made.parsed[later_id] = unseen
    messages: list[Message] = []
    trade_id = 0
    for number in range(EACH):
        version = versions[number % 2]
        names: list[SchemaName] = [version.schema_id, UUID(version.guid)]
        for place, name in (
            (before, names[0]),
            (before, names[1]),
            (in_header, names[number // 2 % 2]),
        ):
            trade_id += 1
            messages.append(place(name, payload_of(made, version.schema_id, trade_id)))
    unknown = [
        place(name, payload_of(made, later_id, trade_id + at))
        for at, (place, name) in enumerate(
            [
                (before, later_id),
                (before, later_guid),
                (in_header, later_id),
                (in_header, later_guid),
            ],
            1,
        )
    ]
    bad = [(b"x", [(VALUE_SCHEMA_HEADER, b"\x02")]), (b"\x01" + bytes(9), [])]
    messages += [*unknown, *bad]
    random.Random(26).shuffle(messages)
    send(genuine, messages)
    genuine.land()
    assert landed(genuine) == (3 * EACH, 3 * EACH, 1, 3 * EACH)
    assert {(one.reason, one.detail): one.records for one in count_by_reason(genuine.layout)} == {
        (Reason.UNKNOWN_SCHEMA_ID, f"schema id {later_id}"): 2,
        (Reason.UNKNOWN_SCHEMA_GUID, f"schema GUID {later_guid}"): 2,
        (Reason.BAD_HEADER, None): 1,
        (Reason.TOO_SHORT, None): 1,
    }
    (kept,) = records(genuine.layout, reason=Reason.BAD_HEADER)
    assert kept.headers == ((VALUE_SCHEMA_HEADER, b"\x02"),)
    assert replay_again(genuine) is None
    assert made.register(unseen) == later_id
    assert replay_again(genuine) == 4
    assert landed(genuine) == (3 * EACH + 4, 3 * EACH + 4, 1, 3 * EACH + 4)


def test_what_confluents_serializer_writes_is_read_equal(
    genuine: Pipeline, made: TradeMaker
) -> None:
    """By prefix and by header: its own deserializer, ours and Spark give one trade."""
    newest = made.registry.versions(made.subject)[-1]
    client = made.registry.client
    topic = genuine.kafka.topic
    read = AvroDeserializer(client)
    fields = read(made.framed(newest.schema_id, 1)[1] or b"", context(topic, []))
    messages: list[Message] = []
    for at, serializer in enumerate((prefix_schema_id_serializer, header_schema_id_serializer), 1):
        settings = {"auto.register.schemas": False, "schema.id.serializer": serializer}
        headers: Headers = []
        wanted = {**fields, "trade_id": at}  # type: ignore[dict-item]
        write = AvroSerializer(client, newest.text, conf=settings)
        value = write(wanted, context(topic, headers)) or b""
        assert read(value, context(topic, headers)) == wanted
        assert unframe(value, headers)[1] == payload_of(made, newest.schema_id, at, wanted)
        messages.append((value, headers))
    send(genuine, messages)
    genuine.land()
    first, second = genuine.query(
        "SELECT * EXCLUDE (trade_id, year, month, day, hour) FROM trades ORDER BY trade_id"
    )
    assert first == second
    assert genuine.query("SELECT price, executed_at, misc FROM trades WHERE trade_id = 2") == [
        (fields["price"], fields["executed_at"], fields["misc"])  # type: ignore[index]
    ]


def context(topic: str, headers: Headers) -> SerializationContext:
    """Of a value."""
    return SerializationContext(topic, MessageField.VALUE, headers)


def payload_of(
    made: TradeMaker, schema_id: int, trade_id: int, fields: Mapping[str, Any] | None = None
) -> bytes:
    """A trade without what names its schema."""
    others = {name: value for name, value in (fields or {}).items() if name != "trade_id"}
    _, value = made.framed(schema_id, trade_id, **others)
    return unframe(value or b"")[1]


def known_elsewhere(made: TradeMaker, text: str) -> tuple[int, UUID]:
    """Id and GUID that a schema will have: another registry gives the same in the same order."""
    with serve_registry() as running:
        other = Registry(RegistrySettings(url=running.url))
        for version in TRADE.versions:
            other.register(made.subject, version.text)
        other.register(made.subject, text)
        newest = other.versions(made.subject)[-1]
        return newest.schema_id, UUID(newest.guid)


def landed(pipeline: Pipeline) -> tuple[object, ...]:
    """Rows, different ids, the lowest and the highest."""
    (row,) = pipeline.query(
        "SELECT count(*), count(DISTINCT trade_id), min(trade_id), max(trade_id) FROM trades"
    )
    return row
