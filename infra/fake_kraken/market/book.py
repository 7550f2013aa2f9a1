"""One pair's book as Kraken shows it: its tape, changed by faults."""

import json
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from infra.fake_kraken.faults.fault_plan import FaultPlan, Holes
from infra.fake_kraken.faults.faults import ArmedFault
from infra.fake_kraken.faults.kinds import FaultKind
from infra.fake_kraken.market.tape import Tape, TapePair

__all__ = ["Book"]

_SECOND: Final = 10**9
_MINUTE: Final = 60 * _SECOND
_BEFORE: Final = 2_000_000
"""A trade out of order is stamped this many nanoseconds before its predecessor."""
_EACH_THIRD: Final = 3
_THE_END: Final = 2**62
_MOST_DECIMALS: Final = 11
_TIME: Final = 2
_ID: Final = 6


@dataclass(slots=True)
class Withheld:
    """Trades that REST lacks for a while.

    Attributes:
        armed: The fault; once disarmed, it withholds nothing more.
        numbers: The trades.
        unsent: The trades among them that the WebSocket never sends.
        until: When REST shows them, unix nanoseconds.
        calls: Number of REST calls so far.
    """

    armed: ArmedFault
    numbers: range
    unsent: frozenset[int]
    until: int
    calls: int = 0

    def from_rest(self, now: int) -> Iterable[int]:
        """Count a REST call, and return the numbers of the trades that its answer lacks."""
        if self.armed.disarmed or now > self.until:
            return ()
        self.calls += 1
        return () if self.calls % self.armed.fault.every else self.numbers


class Book:
    """A `Tape` that applies the faults of its pair to another tape.

    Call `settle` before reading anything from it.

    Args:
        tape: The trades.
        plan: The faults.
        holes: Trades that no endpoint shows.
    """

    def __init__(self, tape: Tape, plan: FaultPlan, holes: Holes) -> None:
        self._tape = tape
        self._plan = plan
        self._holes = holes
        self._pair = tape.pair
        self._seen = 0
        self._times: dict[int, int] = {}
        self._unreadable: set[int] = set()
        self._withheld: list[Withheld] = []
        self._ids: list[tuple[int, int]] = []
        self._pause_before: int | None = None
        self._pause = 0
        self.symbols_named = [tape.pair.wsname]

    @property
    def pair(self) -> TapePair:
        """The pair with its current names."""
        return self._pair

    @property
    def synthetic(self) -> bool:
        """Whether any part of the trades is synthetic."""
        return self._tape.synthetic or bool(self._times or self._unreadable or self._ids)

    @property
    def unreadable(self) -> AbstractSet[int]:
        """The numbers of the trades whose price has too many decimals."""
        return self._unreadable

    def visible(self, now: int) -> int:
        """Return how many trades have happened by `now`."""
        return self._paused(self._tape.visible, now)

    def cursor(self, index: int) -> int:
        """Return the trade's nanosecond."""
        return self._times.get(index) or self._tape.cursor(index) + self._late(index)

    def first_after(self, cursor: int) -> int:
        """Return the number of the first trade after the cursor, or of an earlier trade."""
        return self._paused(self._tape.first_after, cursor)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Return the rows."""
        if not (self._times or self._unreadable or self._ids):
            return self._tape.rows(indexes)  # unchanged by any fault
        numbers = list(indexes)
        return [
            self._row(number, row)
            for number, row in zip(numbers, self._tape.rows(numbers), strict=True)
        ]

    def ids(self, indexes: Iterable[int]) -> list[int]:
        """Return the ids of the trades."""
        return [int(row[1:-1].split(",")[_ID]) for row in self.rows(indexes)]

    def epoch(self, index: int) -> int:
        """Return how often the ids had started again by this trade."""
        return sum(first <= index for first, _ in self._ids)

    def delisted(self) -> bool:
        """Return whether Kraken does not know the pair now, and count the strike."""
        return self._plan.strikes(FaultKind.DELISTED, self._pair) is not None

    def missing_from_rest(self, now: int, since: int | None = None) -> AbstractSet[int]:
        """Return the numbers of the trades that a REST answer lacks. Call it once for each answer.

        Args:
            now: Unix nanoseconds.
            since: The cursor of the request: trades stamped at or before it are left out.
        """
        holes = self._holes.of(self._pair.rest_name)
        if not (self._withheld or self._times):
            return holes
        withheld = {number for one in self._withheld for number in one.from_rest(now)}
        before = {number for number, time in self._times.items() if time <= (since or 0)}
        return holes | withheld | before

    def missing_from_socket(self) -> AbstractSet[int]:
        """Return the numbers of the trades that the WebSocket does not send."""
        holes = self._holes.of(self._pair.rest_name)
        if not self._withheld:
            return holes
        return holes.union(*(one.unsent for one in self._withheld if not one.armed.disarmed))

    @property
    def has_new_faults(self) -> bool:
        """Whether faults of books were armed since the last `settle`."""
        return bool(self._plan.of_books(self._seen))

    def settle(self, now: int) -> None:
        """Apply the faults that were armed since the last call."""
        armed = self._plan.of_books(self._seen)
        self._seen += len(armed)
        for one in armed:
            if one.fault.pair in (None, *self._pair.names):
                one.fired += 1
                self._play(one, now)

    def _play(self, armed: ArmedFault, now: int) -> None:
        fault, start = armed.fault, self._next(now) + armed.fault.after
        numbers = range(start, min(start + fault.trades, self._tape.visible(_THE_END)))
        match fault.kind:
            case FaultKind.WITHHELD if numbers:
                unsent = {"all": numbers[:0], "some": numbers[:1], "none": numbers}[fault.socket]
                until = max(now, self._visible_at(numbers[0], now)) + int(fault.seconds * _SECOND)
                self._withheld.append(Withheld(armed, numbers, frozenset(unsent), until))
            case FaultKind.NEVER:
                self._holes.add(self._pair, numbers)
            case FaultKind.OUT_OF_ORDER:
                self._restamp(start, fault.trades)
            case FaultKind.UNREADABLE:
                self._unreadable.update(numbers)
            case FaultKind.NEW_BOOK:
                self._ids.append((start, fault.first))
                self._pause_before, self._pause = start, int(fault.pause * _SECOND)
            case FaultKind.RENAMED:
                entry = json.loads(self._pair.entry) | {"wsname": fault.name}
                self._pair = replace(self._pair, wsname=fault.name, entry=json.dumps(entry))
                self.symbols_named.append(fault.name)

    def _next(self, now: int) -> int:
        """Return the number of the next trade; of the middle one if the tape has ended."""
        visible = self._tape.visible(now)
        return visible if self._tape.visible(_THE_END) > visible else visible // 2

    def _late(self, number: int) -> int:
        """Return by how many nanoseconds a trade is later than on the tape."""
        first = self._pause_before
        return 0 if first is None or number < first else self._pause

    def _paused(self, number_at: Callable[[int], int], time: int) -> int:
        """Return `number_at` of a time on the tape, corrected for the pause."""
        number, first = number_at(time), self._pause_before
        return (
            number if first is None or number < first else max(first, number_at(time - self._pause))
        )

    def _visible_at(self, number: int, now: int) -> int:
        """Return when a trade appears: at its own time if that is still to come, otherwise now."""
        return self._tape.cursor(number) if self._tape.visible(now) <= number else now

    def _restamp(self, start: int, trades: int) -> None:
        """Stamp every third trade before its predecessor, unless their minutes would differ."""
        end = self._tape.visible(_THE_END)
        for number in range(start + 1, min(start + 1 + trades * _EACH_THIRD, end), _EACH_THIRD):
            predecessor = self.cursor(number - 1)
            same_minute = (predecessor - _BEFORE) // _MINUTE == self.cursor(number) // _MINUTE
            if same_minute:
                self._times[number] = predecessor - _BEFORE

    def _row(self, number: int, row: str) -> str:
        """Return the row as changed by faults."""
        fields = row[1:-1].split(",")
        if number in self._times or self._late(number):
            seconds, nanoseconds = divmod(self.cursor(number), _SECOND)
            fields[_TIME] = f"{seconds}.{nanoseconds // 100:07d}"
        if number in self._unreadable:
            whole, _, decimals = fields[0].strip('"').partition(".")
            fields[0] = f'"{whole}.{decimals:0<{_MOST_DECIMALS - 1}}1"'
        for first, trade_id in self._ids:
            if first <= number:
                fields[_ID] = str(trade_id + number - first)
        return f"[{','.join(fields)}]"

    def lasts_before_a_pause(self, numbers: Sequence[int]) -> frozenset[int]:
        """Return the trades after which the pair has no trade for a second or longer."""
        end = self._tape.visible(_THE_END)
        return frozenset(
            number
            for number in numbers
            if number + 1 >= end or self.cursor(number + 1) - self.cursor(number) >= _SECOND
        )
