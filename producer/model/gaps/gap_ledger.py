"""Which ids of each pair are missing: the open gaps and confirmed holes that Kafka holds."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from producer.model.gaps.missing_ids import MissingIds, without

__all__ = ["NO_CHANGES", "Changes", "GapLedger", "MissingOfPair"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What one transaction changes in the ranges of a pair.

    Attributes:
        gone: Ranges whose records it removes.
        put: Ranges whose records it writes.
    """

    gone: tuple[MissingIds, ...] = ()
    put: tuple[MissingIds, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.put)


NO_CHANGES: Final = Changes()


class MissingOfPair:
    """The ranges of one pair, by first id. Its size does not depend on how many ids are missing."""

    def __init__(self, ranges: Iterable[MissingIds] = ()) -> None:
        self._ranges = sorted(ranges, key=lambda one: one.first_trade_id)
        self._firsts = [one.first_trade_id for one in self._ranges]
        # The highest id in any range up to this one: two programs may write overlapping ranges.
        self._reach = list(accumulate((one.last_trade_id for one in self._ranges), max))

    def __iter__(self) -> Iterator[MissingIds]:
        return iter(self._ranges)

    def __contains__(self, trade_id: int) -> bool:
        return bool(self.overlapping(trade_id, trade_id))

    def overlapping(self, first: int, last: int) -> list[MissingIds]:
        """Return the ranges that hold any id from first to last."""
        found: list[MissingIds] = []
        at = bisect_right(self._firsts, last) - 1
        while at >= 0 and self._reach[at] >= first:
            if self._ranges[at].last_trade_id >= first:
                found.append(self._ranges[at])
            at -= 1
        return found[::-1]

    def uncovered(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the parts of first to last that no range holds."""
        for one in self.overlapping(first, last):
            if one.first_trade_id > first:
                yield first, one.first_trade_id - 1
            first = max(first, one.last_trade_id + 1)
        if first <= last:
            yield first, last

    def found(self, ids: Sequence[int], near: Mapping[int, str]) -> Changes:
        """Return how the ranges change once these ids have been found.

        Args:
            ids: In ascending order.
            near: Kraken's cursor at those ids that are trades.
        """
        if not ids:
            return NO_CHANGES
        gone: list[MissingIds] = []
        put: list[MissingIds] = []
        for one in self.overlapping(ids[0], ids[-1]):
            start, end = one.first_trade_id, one.last_trade_id
            inside = ids[bisect_left(ids, start) : bisect_right(ids, end)]
            if inside:
                gone.append(one)
                put += without(one, inside, near)
        return Changes(tuple(gone), tuple(put))


class GapLedger:
    """The ranges of all pairs.

    Attributes:
        version: Counts the changes, to detect that a reading of Kafka is outdated.
    """

    def __init__(self, ranges: Iterable[MissingIds] = ()) -> None:
        of: defaultdict[str, list[MissingIds]] = defaultdict(list)
        for one in ranges:
            of[one.symbol].append(one)
        self._of = {symbol: MissingOfPair(ranges) for symbol, ranges in of.items()}
        self.version = 0

    def of(self, symbol: str) -> MissingOfPair:
        """Return the ranges of one pair."""
        return self._of.get(symbol, _NONE)

    def apply(self, symbol: str, changes: Changes) -> None:
        """Apply what has been committed."""
        if changes:
            gone = {_name(one) for one in (*changes.gone, *changes.put)}
            left = [one for one in self.of(symbol) if _name(one) not in gone]
            self._of[symbol] = MissingOfPair([*left, *changes.put])
            self.version += 1

    def holds(self, symbol: str, changes: Changes) -> bool:
        """Whether these changes have been made already."""
        there = {_name(one): one for one in self.of(symbol)}
        put = {_name(one): one for one in changes.put}
        return all(there.get(name) == one for name, one in put.items()) and not any(
            name in there for name in map(_name, changes.gone) if name not in put
        )


def _name(missing: MissingIds) -> tuple[type[MissingIds], str]:
    """Name a record. A gap and a hole of the same ids are in different topics."""
    return type(missing), missing.key


_NONE = MissingOfPair()
