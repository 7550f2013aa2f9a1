import json
from datetime import datetime, timedelta

import pytest

from producer.errors import HoleUnusable
from producer.model.gaps.hole import Hole, newest_holes


@pytest.fixture
def hole(now: datetime) -> Hole:
    """Ids 4 to 6 of BTC/USD."""
    return Hole(
        exchange="KRAKEN",
        symbol="BTC/USD",
        first_trade_id=4,
        last_trade_id=6,
        near="1762820035982277754",
        asked=1,
        ask_at=now + timedelta(days=1),
        confirmed_at=now,
    )


def record(hole: Hole) -> tuple[bytes, bytes]:
    """The hole's record in Kafka."""
    return hole.key.encode(), hole.model_dump_json().encode()


def test_a_hole_reads_back_as_it_was_written(hole: Hole) -> None:
    """As JSON, under symbol and ids."""
    key, value = record(hole)
    assert key == b"BTC/USD/4-6"
    assert json.loads(value) == {
        "exchange": "KRAKEN",
        "symbol": "BTC/USD",
        "first_trade_id": 4,
        "last_trade_id": 6,
        "near": "1762820035982277754",
        "asked": 1,
        "ask_at": "2026-11-25T12:00:00.123456Z",
        "confirmed_at": "2026-11-24T12:00:00.123456Z",
    }
    assert newest_holes([(key, value)]) == [hole]
    assert hole.missing == 3


def test_holes_come_once_and_in_order(hole: Hole) -> None:
    """The newest record of each counts; a removed one is gone."""
    first = hole.model_copy(update={"first_trade_id": 1, "last_trade_id": 2})
    gone = hole.model_copy(update={"symbol": "ETH/USD"})
    records = [record(one) for one in (hole, gone, first, hole)]
    assert newest_holes([*records, (gone.key.encode(), None)]) == [first, hole]


def test_a_hole_of_the_old_rule_still_reads(hole: Hole) -> None:
    """It lacks the fields about its questions, which identifies it."""
    old = {"exchange", "symbol", "first_trade_id", "last_trade_id", "confirmed_at"}
    value = hole.model_dump_json(include=old).encode()
    (read,) = newest_holes([(hole.key.encode(), value)])
    assert (read.key, read.confirmed_at) == (hole.key, hole.confirmed_at)
    assert (read.is_of_the_old_rule, hole.is_of_the_old_rule) == (True, False)


def test_a_field_of_a_later_version_is_no_fault(hole: Hole) -> None:
    """An older program still reads the holes."""
    key, value = record(hole)
    assert newest_holes([(key, value[:-1] + b',"why":"halt"}')]) == [hole]


@pytest.mark.parametrize("value", [b"rubbish", b"{}", b'"hole"'])
def test_what_is_no_hole_is_reported(value: bytes) -> None:
    """With its key, by which it can be taken back."""
    with pytest.raises(HoleUnusable, match=r"key b'x'.*tombstone"):
        newest_holes([(b"x", value)])
