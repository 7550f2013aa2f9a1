"""Reads the newest trades once after the start, so that the first look at a chart is quick."""

import threading
import time
from datetime import timedelta
from typing import Final

import duckdb

from console.errors import ConsoleError
from console.lake_view.candle_cache import CandleCache
from console.lake_view.index import LakeIndex
from lake.errors import LakeError

__all__ = ["warm"]

_MOST_TRADES: Final = 10_000_000
_HOURS_AT_ONCE: Final = 6
_WIDTH: Final = 60


def warm(index: LakeIndex, candles: CandleCache, stop: threading.Event) -> None:
    """Read the candles of each pair, newest first, until ten million trades have been read.

    It rests as long as it reads, so that pages get their turn. What it cannot read it leaves out:
    a page that needs it says why.
    """
    left = _MOST_TRADES
    try:
        for pair in sorted(index.pairs(), key=lambda one: one.rows, reverse=True):
            hours = sorted(pair.hours, reverse=True)
            for at in range(0, len(hours), _HOURS_AT_ONCE):
                if left <= 0:
                    return
                chosen = hours[at : at + _HOURS_AT_ONCE]
                started = time.monotonic()
                found = candles.candles(pair, chosen[-1], chosen[0] + timedelta(hours=1), _WIDTH)
                left -= sum(one.trades for one in found)
                if stop.wait(time.monotonic() - started):
                    return
    except (ConsoleError, LakeError, duckdb.Error, OSError):
        return
