"""Sets of trade ids, stored as ranges.

Kraken numbers the trades of a pair without gaps, so millions of ids are a handful of ranges. The
ids of all landed trades therefore fit in memory and in a small file, however large the lake grows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

__all__ = ["IdRanges", "Run"]

Run = tuple[int, int]
"""First and last id of a range, both included."""


class IdRanges:
    """A growing set of ids, stored as sorted ranges that neither touch nor overlap."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in runs:
            self.add(first, last)

    def __iter__(self) -> Iterator[Run]:
        """Iterate over the ranges in ascending order."""
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdRanges) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it is mutable, so it has no hash

    def __contains__(self, trade_id: int) -> bool:
        at = bisect_right(self._firsts, trade_id) - 1
        return at >= 0 and trade_id <= self._lasts[at]

    def __len__(self) -> int:
        """Return how many ids the set holds, not how many ranges."""
        return sum(last - first + 1 for first, last in self)

    def __repr__(self) -> str:
        return f"IdRanges({list(self)})"

    def add(self, first: int, last: int) -> None:
        """Add every id from `first` to `last`.

        Raises:
            ValueError: `last` is before `first`.
        """
        if last < first:
            raise ValueError(f"a range ends before it starts: {first} to {last}")
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]

    def overlaps(self, first: int, last: int) -> bool:
        """Return whether any id from `first` to `last` is in the set."""
        at = bisect_left(self._lasts, first)
        return at < len(self._firsts) and self._firsts[at] <= last

    def covers(self, first: int, last: int) -> bool:
        """Return whether every id from `first` to `last` is in the set."""
        at = bisect_right(self._firsts, first) - 1
        return at >= 0 and last <= self._lasts[at]

    def within(self, other: "IdRanges") -> "IdRanges":
        """Return the ids of this set that are also in another one."""
        return IdRanges(run for first, last in other for run in self._cut(first, last))

    def without(self, other: "IdRanges") -> "IdRanges":
        """Return the ids of this set that are not in another one."""
        return IdRanges(run for first, last in self for run in other._lacking(first, last))  # noqa: SLF001 - the same class

    def _cut(self, first: int, last: int) -> Iterator[Run]:
        """Yield the parts of a range that are in the set."""
        at = bisect_left(self._lasts, first)
        while at < len(self._firsts) and self._firsts[at] <= last:
            yield max(first, self._firsts[at]), min(last, self._lasts[at])
            at += 1

    def _lacking(self, first: int, last: int) -> Iterator[Run]:
        """Yield the parts of a range that are not in the set."""
        for start, end in self._cut(first, last):
            if first < start:
                yield first, start - 1
            first = end + 1
        if first <= last:
            yield first, last

    def gaps(self) -> list[Run]:
        """Return the ranges of ids that are missing between the first id and the last."""
        return [
            (last + 1, following - 1)
            for last, following in zip(self._lasts, self._firsts[1:], strict=False)
        ]
