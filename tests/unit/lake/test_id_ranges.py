from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.id_ranges import IdRanges

RUNS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda run: (run[0], run[0] + run[1]))
)


def members(runs: list[tuple[int, int]]) -> set[int]:
    """The same set, the naive way."""
    return {i for first, last in runs for i in range(first, last + 1)}


@given(RUNS)
def test_a_set_holds_exactly_the_ids_added(runs: list[tuple[int, int]]) -> None:
    """Adding runs in any order, touching or overlapping, gives their union."""
    ids = IdRanges(runs)
    assert members(list(ids)) == members(runs)
    assert len(ids) == len(members(runs))
    assert all((i in ids) == (i in members(runs)) for i in range(75))


@given(RUNS)
def test_runs_neither_touch_nor_overlap(runs: list[tuple[int, int]]) -> None:
    """The form is canonical, so that equal sets are equal and as small as can be."""
    held = list(IdRanges(runs))
    assert all(last + 1 < following for (_, last), (following, _) in pairwise(held))


@given(RUNS, st.integers(0, 70), st.integers(0, 8))
def test_overlap_is_a_common_id(runs: list[tuple[int, int]], first: int, length: int) -> None:
    """A run overlaps the set if and only if they share an id."""
    probe = (first, first + length)
    assert IdRanges(runs).overlaps(*probe) == bool(members(runs) & members([probe]))


def test_gaps_are_the_ids_between_the_runs() -> None:
    """What is missing between the first and the last id."""
    assert IdRanges([(1, 3), (7, 7), (9, 12)]).gaps() == [(4, 6), (8, 8)]


def test_a_run_that_ends_before_it_starts_is_refused() -> None:
    """A mistake in the caller raises and stores nothing."""
    with pytest.raises(ValueError, match="5 to 4"):
        IdRanges().add(5, 4)


def test_a_run_is_covered_where_nothing_of_it_is_missing() -> None:
    """From end to end; not across a gap, and not beyond either end."""
    runs = IdRanges([(3, 5), (7, 9)])
    assert [run for run in ((3, 5), (4, 4), (7, 9)) if not runs.covers(*run)] == []
    assert [run for run in ((2, 3), (5, 7), (5, 6), (9, 10), (1, 1)) if runs.covers(*run)] == []


@given(st.lists(st.integers(0, 40)), st.lists(st.integers(0, 40)))
def test_sets_are_cut_by_one_another(left: list[int], right: list[int]) -> None:
    """What is in both, and what is in the first alone, as Python's sets say."""
    one, other = (IdRanges((trade, trade) for trade in ids) for ids in (left, right))
    assert one.within(other) == IdRanges((trade, trade) for trade in {*left} & {*right})
    assert one.without(other) == IdRanges((trade, trade) for trade in {*left} - {*right})
