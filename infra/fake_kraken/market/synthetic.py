"""Synthetic trades for load: a recording repeated to any length. Nothing here was traded.

Prices, volumes and sides repeat those of the recording; ids, times and pair names are made up. The
pairs are called SYN1/USDT, SYN2/USDT, ... so that they cannot be mistaken for Kraken's.
"""

import time
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final, Self

from infra.fake_kraken.market.recording import Recording
from infra.fake_kraken.market.tape import TapePair

__all__ = [
    "Stretch",
    "SyntheticTape",
    "synthetic_bursts",
    "synthetic_tape",
    "synthetic_tapes",
]

_SECOND: Final = 10**9
_AT_ONCE_RATE: Final = 1000.0
"""Trades a second, by their made-up times, if all trades are visible from the start."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Evenly spaced trades, up to where the next stretch begins.

    Attributes:
        first: The number of its first trade.
        start: That trade's time, unix nanoseconds.
        spacing: Nanoseconds from trade to trade.
    """

    first: int
    start: int
    spacing: int

    @classmethod
    def beginning(cls, start: int, rate: float) -> Self:
        """Return the first stretch: `rate` trades a second from `start`, unix nanoseconds."""
        return cls(0, start, max(1, round(_SECOND / rate)))

    def first_after(self, cursor: int) -> int:
        """Return the number of its first trade after the cursor, as if it had no end."""
        return max(self.first, self.first + (cursor - self.start) // self.spacing + 1)

    def followed(self, stopped: int, start: int, rate: float) -> Self:
        """Return the stretch that continues with the next trade.

        Args:
            stopped: Unix nanoseconds; no trade of this stretch happened later.
            start: When the new one begins.
            rate: Trades a second from then on.
        """
        following = self.beginning(max(start, stopped + 1), rate)
        return replace(following, first=self.first_after(stopped))


@dataclass(frozen=True, slots=True)
class SyntheticTape:
    """Evenly spaced trades, each computed from its number on demand. A `Tape`.

    Attributes:
        pair: A made-up pair.
        parts: For each recorded trade, its row's text before and after the time.
        count: The total number of trades.
        stretches: When they happen, in order, with pauses between.
        live: Whether a trade becomes visible only at its time.
    """

    pair: TapePair
    parts: tuple[tuple[str, str], ...]
    count: int
    stretches: tuple[Stretch, ...]
    live: bool
    synthetic: bool = True

    def visible(self, now: int) -> int:
        """Return how many trades have happened by `now`."""
        return self.first_after(now) if self.live else self.count

    def cursor(self, index: int) -> int:
        """Return the trade's own nanosecond."""
        at = bisect_right(self.stretches, index, key=attrgetter("first")) - 1
        stretch = self.stretches[at]
        return stretch.start + (index - stretch.first) * stretch.spacing

    def first_after(self, cursor: int) -> int:
        """Return the number of the first trade after the cursor."""
        at = bisect_right(self.stretches, cursor, key=attrgetter("start")) - 1
        if at < 0:
            return 0
        stretch = self.stretches[at]
        end = self.stretches[at + 1].first if at + 1 < len(self.stretches) else self.count
        return min(stretch.first_after(cursor), end)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Return the rows. Ids start at 1; times have seven decimals, as Kraken's have."""
        texts = []
        for index in indexes:
            before, after = self.parts[index % len(self.parts)]
            seconds, nanoseconds = divmod(self.cursor(index), _SECOND)
            texts.append(f"{before}{seconds}.{nanoseconds // 100:07d}{after}{index + 1}]")
        return texts


def synthetic_tapes(  # noqa: PLR0913  what such pairs are made of
    recording: Recording,
    *,
    count: int,
    pairs: int = 1,
    rate: float | None = None,
    start: int | None = None,
    quote: str = "USDT",
    skew: float = 0.0,
) -> list[SyntheticTape]:
    """Return made-up pairs with the trades of a recording, repeated.

    Args:
        recording: The source of prices, volumes and sides.
        count: Trades of each pair.
        pairs: Number of pairs.
        rate: Trades a second and pair that become visible over time; all at once if None.
        start: The first trade's time, unix nanoseconds. By default now, or the recording's own time
            if all trades are visible at once.
        quote: The pairs' quote currency.
        skew: The exponent of Zipf's law: pair number n has a share of all trades in proportion to
            n ** -skew. `count` and `rate` are then those of the average pair.
    """
    live = rate is not None
    if start is None:
        start = time.time_ns() if live else recording.cursor(0)
    parts = tuple(
        (f"[{','.join(fields[:2])},", f",{','.join(fields[3:6])},") for fields in recording.fields
    )
    return [
        SyntheticTape(
            pair=recording.pair.renamed(f"SYN{number}", quote),
            parts=parts,
            count=max(1, round(count * times)),
            stretches=(Stretch.beginning(start, (rate or _AT_ONCE_RATE) * times),),
            live=live,
        )
        for number, times in enumerate(_times_the_average(pairs, skew), start=1)
    ]


def _times_the_average(pairs: int, skew: float) -> list[float]:
    """Return how many times the average pair's trades each pair has."""
    weights = [number**-skew for number in range(1, pairs + 1)]
    average = sum(weights) / pairs
    return [weight / average for weight in weights]


def synthetic_tape(
    recording: Recording, base: str, quote: str, *, count: int, rate: float
) -> SyntheticTape:
    """Return one made-up pair of these currencies, which begins to trade now."""
    (tape,) = synthetic_tapes(recording, count=count, rate=rate)
    return replace(tape, pair=tape.pair.renamed(base, quote))


def synthetic_bursts(
    tape: SyntheticTape, *, trades: int, pause: float, start: int | None = None
) -> SyntheticTape:
    """Return the same pair with its trades in bursts, each followed by a pause.

    Args:
        tape: A made-up pair with a rate.
        trades: Trades of a burst.
        pause: Seconds from a burst's last trade to the first one of the next.
        start: The first trade's time, unix nanoseconds; by default the tape's own.
    """
    spacing = tape.stretches[0].spacing
    begin = tape.stretches[0].start if start is None else start
    whole = (trades - 1) * spacing + round(pause * _SECOND)
    stretches = tuple(
        Stretch(first, begin + first // trades * whole, spacing)
        for first in range(0, tape.count, trades)
    )
    return replace(tape, stretches=stretches)
