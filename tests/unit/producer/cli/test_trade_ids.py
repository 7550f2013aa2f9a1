import json
from typing import Any, cast

from producer.cli.trade_ids import _MOST_UNKNOWN_IDS, as_json, trade_ids
from schemas.avro.wire import frame
from schemas.catalogue import load_catalogue
from schemas.errors import SchemaNotFound
from schemas.releases.golden import encode
from schemas.releases.samples import sample_records

KNOWN = 7
NEWEST = load_catalogue().trade.newest


class FakeRegistry:
    """Knows one id, and counts the questions for others."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def schema_text(self, schema_id: int) -> str:
        """As the real one."""
        self.asked.append(schema_id)
        if schema_id != KNOWN:
            raise SchemaNotFound(f"no schema with id {schema_id}")
        return NEWEST.text


def value(trade_id: int, schema_id: int = KNOWN, **fields: Any) -> bytes:
    """A framed trade."""
    _, plain = next(sample_records(NEWEST.parsed))
    return frame(schema_id, encode(NEWEST, {**plain, "trade_id": trade_id, **fields}))


def found(registry: FakeRegistry, *values: bytes) -> list[tuple[str, int] | None]:
    """Read the trades in these values."""
    return list(trade_ids(values, cast("Any", registry)))


def test_each_value_is_shown_in_its_place() -> None:
    """A trade that breaks a rule is decoded; a value that is not a trade gives null."""
    rule_broken = value(-5, symbol="BTC_USD")
    answer = found(FakeRegistry(), value(11), b"", b"hello", value(12)[:-9], rule_broken, value(13))
    assert answer == [("BTC/USD", 11), None, None, None, ("BTC_USD", -5), ("BTC/USD", 13)]


def test_an_unknown_id_is_asked_for_once() -> None:
    """Only a limited number, as a damaged value may hold any number of them."""
    registry = FakeRegistry()
    unknown = [value(1, schema_id) for schema_id in range(100, 100 + 2 * _MOST_UNKNOWN_IDS)]
    answer = found(registry, value(1), *unknown, *unknown, value(2))
    assert (answer[0], answer[-1], {*answer[1:-1]}) == (("BTC/USD", 1), ("BTC/USD", 2), {None})
    assert len(registry.asked) == 1 + _MOST_UNKNOWN_IDS


def test_the_json_has_an_entry_a_value() -> None:
    """Null where there is no trade."""
    assert json.loads(as_json([("BTC/USD", 1), None])) == [
        {"symbol": "BTC/USD", "trade_id": 1},
        None,
    ]
