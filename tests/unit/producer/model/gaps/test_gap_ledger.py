"""Ranges of missing ids, and what is left of them."""

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.model.gaps.gap_ledger import Changes, GapLedger, MissingOfPair
from producer.model.gaps.open_gap import OpenGap

MakeGap = Callable[[int, int], OpenGap]


@pytest.fixture(scope="session")
def gap(now: datetime) -> MakeGap:
    """Make a gap: `gap(3, 5)`."""
    return lambda first, last: OpenGap(
        exchange="KRAKEN",
        symbol="BTC/USD",
        first_trade_id=first,
        last_trade_id=last,
        near="100",
        found_at=now,
    )


def ids(missing: MissingOfPair) -> list[int]:
    """All of them."""
    return sorted(
        {one for some in missing for one in range(some.first_trade_id, some.last_trade_id + 1)}
    )


def test_a_gap_is_split_by_what_is_found_in_it(gap: MakeGap) -> None:
    """The part behind a trade is looked for from that trade on."""
    changes = MissingOfPair([gap(3, 9)]).found([5, 6], {6: "600"})
    assert [str(one) for one in changes.gone] == ["3..9"]
    assert [(str(one), one.near) for one in changes.put] == [("3..4", "100"), ("7..9", "600")]


def test_a_huge_gap_costs_no_more_than_a_small_one(gap: MakeGap) -> None:
    """It is a range, however many ids it lacks."""
    changes = MissingOfPair([gap(1, 10**15)]).found([1, 2, 10**14], {})
    assert [one.missing for one in changes.put] == [10**14 - 3, 9 * 10**14]


def test_what_lies_between_known_ranges_is_uncovered(gap: MakeGap) -> None:
    """Only that is a new gap."""
    missing = MissingOfPair([gap(3, 5), gap(5, 6), gap(9, 20)])
    assert list(missing.uncovered(1, 15)) == [(1, 2), (7, 8)]
    assert list(missing.uncovered(10, 12)) == []


def test_changes_are_known_to_have_been_made(gap: MakeGap) -> None:
    """So that a commit whose answer was lost is not repeated."""
    old, new = gap(3, 9), gap(4, 9)
    ledger, changes = GapLedger([old]), Changes((old,), (new,))
    assert not ledger.holds("BTC/USD", changes)
    ledger.apply("BTC/USD", changes)
    assert ledger.holds("BTC/USD", changes)
    assert list(ledger.of("BTC/USD")) == [new]
    assert list(ledger.of("ETH/USD")) == []
    assert ledger.version == 1


@given(
    ranges=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=6),
    found=st.sets(st.integers(1, 60), max_size=20),
)
def test_what_is_found_is_all_that_goes(
    gap: MakeGap, ranges: list[tuple[int, int]], found: set[int]
) -> None:
    """Even of ranges that overlap, as two programs may leave them."""
    missing = MissingOfPair(gap(first, first + more) for first, more in ranges)
    ledger = GapLedger(missing)
    before = set(ids(missing))
    assert before == {one for one in range(1, 60) if one in missing}
    ledger.apply("BTC/USD", missing.found(sorted(found), {}))
    assert set(ids(ledger.of("BTC/USD"))) == before - found
