from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from lake.id_ranges import Run
from lake.verify.checks.duplicate_check import find_duplicates
from lake.verify.checks.row_check import FileRows
from lake.verify.result import Problem
from tests.unit.lake.lakes import AT

RUNS = st.tuples(st.integers(1, 30), st.integers(0, 8)).map(lambda run: (run[0], sum(run)))
FILES = st.lists(st.lists(RUNS, max_size=4), max_size=6)


def rows(*ids: Run, symbol: str = "BTC_USD") -> FileRows:
    """A file with these ids."""
    return FileRows(symbol, AT, sum(last - first + 1 for first, last in ids), ids)


@given(FILES)
def test_each_group_of_files_is_named_with_the_ids_it_shares(lake: list[list[Run]]) -> None:
    """As counting every single id gives it (synthetic ids)."""
    files = {f"{at}.parquet": rows(*runs) for at, runs in enumerate(lake)}
    places: dict[int, list[str]] = defaultdict(list)
    for name, file in files.items():
        for first, last in file.ids:
            for one in range(first, last + 1):
                places[one].append(name)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for one, names in sorted(places.items()):
        if len(names) > 1:
            groups[tuple(sorted(names))].append(one)
    found = find_duplicates(files, ())
    assert found.rows.get("BTC_USD", 0) == sum(len(names) - 1 for names in places.values())
    assert Counter(problem.where for problem in found.problems) == Counter(
        names[-1] for names in groups
    )
    shown = {problem.advice.partition(", are also")[0] for problem in found.problems}
    assert shown == {f"{len(ids)} trades, ids {ids[0]} to {ids[-1]}" for ids in groups.values()}


def test_the_file_to_move_is_named() -> None:
    """The one that no commit names, wherever its name sorts; a file alone shares with itself."""
    (problem,) = problems({"a": rows((1, 9)), "b": rows((5, 12))}, "a")
    assert problem.where == "a"
    assert "5 trades, ids 5 to 9, are also in b." in problem.advice
    (alone,) = problems({"a": rows((1, 9), (3, 3))})
    assert "1 trades, ids 3 to 3, are also in the same file." in alone.advice


def test_pairs_have_ids_of_their_own() -> None:
    """The same ids of two pairs are two trades each."""
    assert problems({"a": rows((1, 9)), "b": rows((1, 9), symbol="ETH_USD")}) == ()


def problems(files: dict[str, FileRows], *extra: str) -> tuple[Problem, ...]:
    """What is wrong."""
    return find_duplicates(files, extra).problems
