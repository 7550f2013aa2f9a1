"""Synthetic trades: a recording stretched to any length, for load. Nothing here was traded.

Prices, volumes and sides are the recording's, over and over; ids, times and pair names are made
up. The pairs are called SYN1/USDT, SYN2/USDT, ... so that nobody takes them for Kraken's.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from infra.replay.recording import Recording
from infra.replay.tape import TapePair

_SECOND: Final = 10**9
_AT_ONCE_RATE: Final = 1000.0
"""Trades a second in the made-up times where all trades are there from the start."""


@dataclass(frozen=True, slots=True)
class SyntheticTape:
    """Evenly spaced trades, each computed from its number when asked for. A `Tape`.

    Attributes:
        pair: A made-up pair.
        parts: Per recorded trade its row's text before and after the time.
        count: How many trades there are in the end.
        start: The first trade's time, unix nanoseconds.
        spacing: Nanoseconds from trade to trade.
        live: Whether a trade is visible only once its time has come.
    """

    pair: TapePair
    parts: tuple[tuple[str, str], ...]
    count: int
    start: int
    spacing: int
    live: bool
    synthetic: bool = True

    def visible(self, now: int) -> int:
        """How many trades have happened by `now`."""
        return self.first_after(now) if self.live else self.count

    def cursor(self, index: int) -> int:
        """The trade's own nanosecond."""
        return self.start + index * self.spacing

    def first_after(self, cursor: int) -> int:
        """The number of the first trade behind the cursor."""
        return min(max((cursor - self.start) // self.spacing + 1, 0), self.count)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """The rows; ids count from 1, times have Kraken's seven digits."""
        texts = []
        for index in indexes:
            before, after = self.parts[index % len(self.parts)]
            seconds, nanoseconds = divmod(self.cursor(index), _SECOND)
            texts.append(f"{before}{seconds}.{nanoseconds // 100:07d}{after}{index + 1}]")
        return texts


def synthetic_tapes(
    recording: Recording,
    *,
    count: int,
    pairs: int = 1,
    rate: float | None = None,
    start: int | None = None,
) -> list[SyntheticTape]:
    """Stretches a recording into made-up pairs.

    Args:
        recording: Gives prices, volumes and sides.
        count: Trades of each pair.
        pairs: How many pairs.
        rate: Trades a second and pair that become visible as time goes on; all at once if None.
        start: The first trade's time, unix nanoseconds: now unless given; the recording's own
            where all trades are there at once.
    """
    live = rate is not None
    if start is None:
        start = time.time_ns() if live else recording.cursor(0)
    parts = tuple(
        (f"[{','.join(fields[:2])},", f",{','.join(fields[3:6])},") for fields in recording.fields
    )
    return [
        SyntheticTape(
            pair=recording.pair.renamed(f"SYN{number}", "USDT"),
            parts=parts,
            count=count,
            start=start,
            spacing=max(1, round(_SECOND / (rate or _AT_ONCE_RATE))),
            live=live,
        )
        for number in range(1, pairs + 1)
    ]
