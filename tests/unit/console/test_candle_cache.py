"""Candles that several pages ask for at the same time."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from console.errors import TooSlow
from console.lake_view import candle_cache
from console.lake_view.candle_cache import CandleCache
from console.lake_view.index import LakeIndex
from console.lake_view.sql import Reader
from lake.layout import LakeLayout
from tests.unit.console.conftest import AT

SPAN = (AT, AT + timedelta(hours=6), 60)


class SlowReader(Reader):
    """A reader whose first query waits until it is let go."""

    def __init__(self, layout: LakeLayout) -> None:
        super().__init__(layout)
        self.began, self.goes_on = threading.Event(), threading.Event()

    def rows(
        self, sql: str, parameters: Mapping[str, object], seconds: float = 15.0
    ) -> list[tuple[Any, ...]]:
        """Wait the first time, and answer as the original."""
        if not self.began.is_set():
            self.began.set()
            assert self.goes_on.wait(30)
        return super().rows(sql, parameters, seconds)


@pytest.mark.parametrize("most", [500_000, 1])
def test_a_pair_that_takes_long_holds_up_no_other(
    lake: LakeLayout, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Another page of the same pair is told so; what is forgotten meanwhile is not missed."""
    monkeypatch.setattr(candle_cache, "_MOST_CANDLES", most)
    index = LakeIndex(lake)
    index.refresh()
    btc, eth = index.pair("BTC_USD"), index.pair("ETH_USD")
    reader = SlowReader(lake)
    cache = CandleCache(reader)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(cache.candles, btc, *SPAN)
        try:
            assert reader.began.wait(30)
            monkeypatch.setattr(candle_cache, "_SECONDS", 0.05)
            quick = pool.submit(cache.candles, eth, *SPAN).result(10)
            assert sum(one.trades for one in quick) == eth.rows
            with pytest.raises(TooSlow, match="BTC_USD is being read for another page"):
                cache.candles(btc, *SPAN)
        finally:
            reader.goes_on.set()
        found = slow.result(30)
    assert sum(one.trades for one in found) == btc.rows
    assert cache.candles(btc, *SPAN) == found
