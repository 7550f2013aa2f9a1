from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import CatalogueError
from schemas.rules import load_rules
from tests.broken_rules import broken_rules

NOW = datetime(2025, 11, 10, 17, 26, 40, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "symbol": "BTC/USD",
    "trade_id": 1,
    "price": Decimal("0.0000000001"),
    "volume": Decimal(1),
    "executed_at": NOW,
    "ingested_at": NOW,
    "kafka_timestamp": NOW,
}
GENESIS = datetime(2009, 1, 3, tzinfo=UTC)
LATEST = datetime(2262, 1, 1, tzinfo=UTC)
NO_TIMESTAMP = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1)


def test_a_trade_as_it_should_be_breaks_no_rule() -> None:
    """The smallest possible price, recorded without delay, passes."""
    assert broken_rules(load_rules(), GOOD) == []


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"symbol": "1INCH/USD"}, []),
        ({"symbol": "AAPLx/ETH2.S"}, []),
        ({"symbol": ""}, ["symbol_is_a_name"]),
        ({"symbol": "BTC_USD"}, ["symbol_is_a_name"]),
        ({"symbol": "BTC/USD\n"}, ["symbol_is_a_name"]),
        ({"symbol": "B\0C/USD"}, ["symbol_is_a_name"]),
        ({"symbol": "B" * 300}, ["symbol_is_a_name"]),
        ({"trade_id": 0}, ["trade_id_above_zero"]),
        ({"price": Decimal(0)}, ["price_above_zero"]),
        ({"price": Decimal("-0.01")}, ["price_above_zero"]),
        ({"volume": Decimal(0)}, ["volume_above_zero"]),
        ({"executed_at": GENESIS}, []),
        ({"executed_at": GENESIS - timedelta(microseconds=1)}, ["executed_at_since_bitcoin"]),
        ({"executed_at": NOW + timedelta(days=1)}, []),
        (
            {"executed_at": NOW + timedelta(days=1, microseconds=1)},
            ["executed_at_not_ahead"],
        ),
        (
            {"executed_at": LATEST, "kafka_timestamp": LATEST},
            ["executed_at_before_2262"],
        ),
        ({"kafka_timestamp": None}, []),
        ({"kafka_timestamp": NO_TIMESTAMP}, []),
        (
            {"kafka_timestamp": NO_TIMESTAMP - timedelta(milliseconds=1)},
            ["executed_at_not_ahead"],
        ),
        ({"ingested_at": GENESIS}, []),
        ({"ingested_at": GENESIS - timedelta(microseconds=1)}, ["ingested_at_since_bitcoin"]),
        ({"ingested_at": LATEST}, ["ingested_at_before_2262"]),
        ({"price": Decimal(-1), "volume": Decimal(-1)}, ["price_above_zero", "volume_above_zero"]),
    ],
)
def test_what_breaks_which_rule(changes: dict[str, Any], broken: list[str]) -> None:
    """Each rule holds at its bound and breaks right beyond it, and all broken ones are named."""
    assert [rule.name for rule in broken_rules(load_rules(), GOOD | changes)] == broken


def test_the_same_rules_as_sql() -> None:
    """Each rule is a condition over the trade's columns and the broker's timestamp."""
    assert [rule.sql for rule in load_rules()] == [
        r"symbol RLIKE r'^(?:[A-Za-z0-9.-]{1,32}(/[A-Za-z0-9.-]{1,32}){0,3})\z'",
        "trade_id > 0",
        "price > 0",
        "volume > 0",
        "executed_at >= TIMESTAMP '2009-01-03 00:00:00Z'",
        "executed_at < TIMESTAMP '2262-01-01 00:00:00Z'",
        (
            "(unix_micros(executed_at) <= unix_micros(kafka_timestamp) + 86400000000 "
            "OR kafka_timestamp IS NULL OR unix_micros(kafka_timestamp) = -1000)"
        ),
        "ingested_at >= TIMESTAMP '2009-01-03 00:00:00Z'",
        "ingested_at < TIMESTAMP '2262-01-01 00:00:00Z'",
    ]


def test_a_unit_mistaken_is_caught() -> None:
    """A time in milliseconds or nanoseconds taken for microseconds is out of bounds."""
    micros = int(NOW.timestamp()) * 1_000_000
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for mistaken in (micros // 1000, micros * 100):
        values = GOOD | {"executed_at": epoch + timedelta(microseconds=mistaken)}
        assert broken_rules(load_rules(), values)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '[{"name": "x", "field": "price", "check": "below", "bound": "0", "doc": "d"}]',
        '[{"name": "x", "field": "price", "check": "above", "doc": "d"}]',
        '[{"name": "x", "field": "1; DROP", "check": "above", "bound": "0", "doc": "d"}]',
        '[{"name": "x", "field": "p", "check": "above", "bound": "0", "doc": "d", "or": 1}]',
    ],
)
def test_a_file_that_says_no_rule_is_named(tmp_path: Path, content: str) -> None:
    """A rule of no known kind, an incomplete one, or no field's name, is an error."""
    (tmp_path / "trade").mkdir()
    (tmp_path / "trade" / "rules.json").write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"rules\.json"):
        load_rules("trade", tmp_path)


def test_a_record_without_rules_is_reported() -> None:
    """Asking for the rules of a record that has none says which file is missing."""
    with pytest.raises(CatalogueError, match=r"cursor/rules\.json"):
        load_rules("cursor")
