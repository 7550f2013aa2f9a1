"""Finds trades that are in the lake more than once, by the ids of each file."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lake.id_ranges import Run
from lake.verify.checks.row_check import FileRows
from lake.verify.result import Problem, ProblemKind

__all__ = ["Duplicates", "find_duplicates"]


@dataclass(frozen=True)
class Duplicates:
    """The trades that are in several rows.

    Attributes:
        rows: rows per symbol folder whose trade is in another row too.
        problems: which files share trades.
    """

    rows: Mapping[str, int]
    problems: tuple[Problem, ...]


def find_duplicates(rows: Mapping[str, FileRows], extra: Collection[str]) -> Duplicates:
    """Compare the ids of all files with each other, pair by pair.

    No file is opened: the ids are those of the rows, or were proved to be.

    Args:
        rows: the rows of each file, by its path relative to BASE_OUTPUT_PATH.
        extra: the paths of the files that no commit names.
    """
    by_symbol: dict[str, list[tuple[Run, str]]] = defaultdict(list)
    for path, one in rows.items():
        by_symbol[one.symbol] += ((run, path) for run in one.ids)
    repeated = Counter[str]()
    problems: list[Problem] = []
    for symbol, runs in by_symbol.items():
        found: dict[tuple[str, ...], _Repeated] = {}
        for shared in _shared_ids(runs):
            repeated[symbol] += shared.count * (len(shared.places) - 1)
            found.setdefault(shared.places, _Repeated(shared.run)).count(shared.run)
        problems += (_problem(places, extra, found[places]) for places in sorted(found))
    return Duplicates(repeated, tuple(problems))


@dataclass(frozen=True)
class _Shared:
    """Ids that several rows have.

    Attributes:
        places: where each of these rows is; a place with several of them comes several times.
        run: the first and the last of adjacent ids.
    """

    places: tuple[str, ...]
    run: Run

    @property
    def count(self) -> int:
        """How many ids."""
        return self.run[1] - self.run[0] + 1


@dataclass
class _Repeated:
    """The ids that the same files share."""

    around: Run
    trades: int = 0

    def count(self, run: Run) -> None:
        self.around = min(self.around[0], run[0]), max(self.around[1], run[1])
        self.trades += run[1] - run[0] + 1


def _problem(places: tuple[str, ...], extra: Collection[str], repeated: _Repeated) -> Problem:
    """Return the problem of trades that several files hold.

    It names the last of them: the extra file, which is to be moved, if there is one.
    """
    *others, named = sorted(places, key=lambda place: (place in extra, place))
    elsewhere = ", ".join(sorted(set(others) - {named})) or "the same file"
    first, last = repeated.around
    advice = (
        f"{repeated.trades} trades, ids {first} to {last}, are also in {elsewhere}. Keep the file "
        "that the commit log names, move the other away; if it names both, restore the lake from a "
        "copy."
    )
    return Problem(ProblemKind.DUPLICATES, named, advice)


def _shared_ids(runs: Iterable[tuple[Run, str]]) -> Iterator[_Shared]:
    """Yield the ids that are in several of these ranges, each of which is at a place."""
    active: list[tuple[int, str]] = []
    start = 0
    for (first, last), place in sorted(runs):
        yield from _until(first, start, active)
        active = [one for one in active if one[0] >= first]
        active.append((last, place))
        start = first
    yield from _until(None, start, active)


def _until(end: int | None, start: int, active: list[tuple[int, str]]) -> Iterator[_Shared]:
    """Yield the shared ids from `start` to before `end` of ranges that all begin by then."""
    left = sorted(active)
    while len(left) > 1:
        last = left[0][0] if end is None else min(left[0][0], end - 1)
        if last >= start:
            yield _Shared(tuple(sorted(place for _, place in left)), (start, last))
            start = last + 1
        if left[0][0] != last:
            return
        left = [one for one in left if one[0] > last]
