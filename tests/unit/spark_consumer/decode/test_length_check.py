import io
import json

import fastavro
import pytest

from schemas.catalogue import load_catalogue
from spark_consumer.decode.length_check import GUARD, guard_name, guarded

NEWEST = load_catalogue().trade.newest.text
EXAMPLE = {
    "exchange": "KRAKEN",
    "symbol": "BTC/USD",
    "trade_id": 7,
}
SMALL = json.dumps(
    {
        "type": "record",
        "name": "Trade",
        "fields": [
            {"name": "exchange", "type": "string"},
            {"name": "symbol", "type": "string"},
            {"name": "trade_id", "type": "long"},
        ],
    }
)


def written(schema: str, value: dict[str, object]) -> bytes:
    """The value as Avro, without a header."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, json.loads(schema), value)
    return buffer.getvalue()


def test_an_event_followed_by_the_guard_is_a_record_of_the_guarded_schema() -> None:
    """So bytes that are appended to a payload are read as the last field."""
    name = guard_name([SMALL])
    payload = io.BytesIO(written(SMALL, EXAMPLE) + GUARD)
    read = fastavro.schemaless_reader(payload, json.loads(guarded(SMALL, name)), None)
    assert read == {**EXAMPLE, name: GUARD}
    assert not payload.read()


def test_a_newer_reader_reads_the_guard_of_an_older_writer() -> None:
    """Fields that the writer lacks come between, by their defaults."""
    catalogue = load_catalogue().trade
    oldest, newest = catalogue.versions[0].text, catalogue.newest.text
    name = guard_name([oldest, newest])
    reader = fastavro.parse_schema(json.loads(guarded(newest, name)))
    writer = fastavro.parse_schema(json.loads(guarded(oldest, name, for_writing=True)))
    assert reader["fields"][-1]["name"] == writer["fields"][-1]["name"] == name
    assert reader["name"] == writer["name"]


@pytest.mark.parametrize(
    "taken",
    [
        '{"name": "kraken_lake_guard"}',
        '{"name": "Kraken_Lake_Guard_"}',
        '{"aliases": ["x.kraken_lake_guard"]}',
    ],
)
def test_the_guards_name_is_one_that_no_schema_has(taken: str) -> None:
    """Fields, types and aliases of any schema of the plan, in capitals too."""
    name = guard_name([NEWEST, taken])
    assert name not in taken.lower()
    assert name.strip("_") == "kraken_lake_guard"


def test_documentation_is_left_out() -> None:
    """Every task gets the text."""
    assert '"doc"' in NEWEST
    assert '"doc"' not in guarded(NEWEST, guard_name([NEWEST]))


@pytest.mark.parametrize("kind", ["time-millis", "time-micros"])
def test_times_of_day_are_read_as_numbers(kind: str) -> None:
    """Wherever they stand; other logical types stay."""
    schema = json.loads(SMALL)
    schema["fields"] += [
        {"name": "opened", "type": ["null", {"type": "long", "logicalType": kind}]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ]
    text = guarded(json.dumps(schema), "guard")
    assert kind not in text
    assert "timestamp-micros" in text
