from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.errors import NotThere
from console.lake_view.candle_cache import CandleCache
from console.lake_view.candles import Candle, merged, rolled, width_for
from console.lake_view.index import LakeIndex
from console.lake_view.sql import Reader
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.snapshot import SAVED_AS, read_snapshot, save_snapshot
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import compact, land, synthetic

HOUR = timedelta(hours=1)


class CountingReader(Reader):
    """A reader that notes how many files each query is over."""

    def __init__(self, layout: LakeLayout) -> None:
        super().__init__(layout)
        self.files: list[int] = []

    def rows(
        self, sql: str, parameters: Mapping[str, object], seconds: float = 15.0
    ) -> list[tuple[Any, ...]]:
        """Note, and answer as the original."""
        paths = parameters["files"]
        assert isinstance(paths, list)
        self.files.append(len(paths))
        return super().rows(sql, parameters, seconds)


@pytest.fixture
def index(lake: LakeLayout) -> LakeIndex:
    """The small lake's files."""
    made = LakeIndex(lake)
    made.refresh()
    return made


def test_commits_are_followed_one_by_one(lake: LakeLayout, index: LakeIndex) -> None:
    """A new one brings its trades; compaction brings and takes none."""
    before = index.pair("BTC_USD").rows
    land(lake, {"BTC/USD": synthetic(201, 5, AT + 4 * HOUR)})
    index.refresh()
    assert index.pair("BTC_USD").rows == before + 5
    compact(lake)
    index.refresh()
    pair = index.pair("BTC_USD")
    assert pair.rows == before + 5
    assert {path for hour in pair.hours.values() for path in hour.files} == {
        path for path, file in read_snapshot(lake).files.items() if file.symbol == "BTC_USD"
    }


def test_a_snapshot_beside_the_log_is_used(lake: LakeLayout, index: LakeIndex) -> None:
    """The lake is the same, read from it or from every commit; rates are, too."""
    save_snapshot(lake, read_snapshot(lake))
    other = LakeIndex(lake)
    other.refresh()
    assert other.pair("BTC_USD") == index.pair("BTC_USD")
    assert other.number == index.number
    assert other.landings() == index.landings()
    assert other.newest == index.newest


@pytest.mark.parametrize("older", [None, b'{"number": 1}'])
def test_a_folded_log_needs_no_snapshot_beside_it(lake: LakeLayout, older: bytes | None) -> None:
    """Its manifest says the same, where that file is missing or a killed fold left an older one."""
    for number in range(3):
        land(lake, {"BTC/USD": synthetic(201 + 5 * number, 5, AT + 4 * HOUR)})
        fold(lake, read_snapshot(lake).number, datetime(2999, 1, 1, tzinfo=UTC))
    land(lake, {"BTC/USD": synthetic(301, 5, AT + 5 * HOUR)})
    (lake.commits / SAVED_AS).unlink()
    if older is not None:
        (lake.commits / SAVED_AS).write_bytes(older)
    index = LakeIndex(lake)
    index.refresh()
    assert (index.fault, index.number) == ("", read_snapshot(lake).number)
    assert index.pair("BTC_USD").rows == 210


def test_when_the_stream_last_committed_outlives_its_commits(
    lake: LakeLayout, index: LakeIndex
) -> None:
    """One that has been down for long is not shown as one that never ran."""
    land(lake, {"BTC/USD": synthetic(201, 5, AT + timedelta(minutes=30))})
    index.refresh()
    fold(lake, index.number, datetime(2999, 1, 1, tzinfo=UTC))
    streamed = index.number
    compact(lake)
    fold(lake, read_snapshot(lake).number, datetime(2999, 1, 1, tzinfo=UTC))
    assert CommitLog(lake.commits).folded() >= streamed
    other = LakeIndex(lake)
    other.refresh()
    assert other.streamed_at == index.streamed_at is not None


def test_a_lake_that_was_replaced_is_read_anew(lake: LakeLayout, index: LakeIndex) -> None:
    """The folder holds another lake now, with fewer commits."""
    for path in lake.commits.iterdir():
        path.unlink()
    index.refresh()
    assert index.folders() == []
    with pytest.raises(NotThere):
        index.pair("BTC_USD")


def test_rates_count_what_landed_of_late(index: LakeIndex) -> None:
    """By the time of the commit, not of the trade."""
    newest = index.newest
    assert newest is not None
    assert index.rates(newest.committed_at + timedelta(seconds=59))["BTC_USD"] == 190
    assert index.rates(newest.committed_at + timedelta(seconds=61))["BTC_USD"] == 0


def test_each_file_is_read_for_candles_once(lake: LakeLayout, index: LakeIndex) -> None:
    """New files of an hour are read alone, and compaction makes none be read again."""
    reader = CountingReader(lake)
    cache = CandleCache(reader)

    def candles() -> list[Candle]:
        index.refresh()
        return cache.candles(index.pair("BTC_USD"), AT, AT + 6 * HOUR, 60)

    first = candles()
    assert candles() == first
    assert reader.files == [4]
    land(lake, {"BTC/USD": synthetic(201, 5, AT + 3 * HOUR + timedelta(minutes=50))})
    grown = candles()
    assert sum(one.trades for one in grown) == sum(one.trades for one in first) + 5
    assert reader.files == [4, 1]
    compact(lake)
    assert candles() == grown
    assert reader.files == [4, 1]


def candle(at: int, first_id: int, price: int, trades: int = 1) -> Candle:
    """A candle of some trades at one price."""
    of = Decimal(price)
    volume = Decimal(trades)
    last_id = first_id + trades - 1
    return Candle(at, trades, volume, trades, volume, of, of, of, of, first_id, last_id)


def test_candles_are_merged_by_id_not_by_order() -> None:
    """The open price is that of the lowest id, the close price that of the highest."""
    found = merged(0, [candle(0, 10, 5), candle(0, 1, 7), candle(0, 5, 9, trades=2)])
    assert (found.open, found.high, found.low, found.close) == (7, 9, 5, 5)
    assert (found.trades, found.first_id, found.last_id) == (4, 1, 10)


def test_candles_are_rolled_up_into_wider_ones() -> None:
    """Each belongs to the span that its start is in."""
    found = rolled([candle(0, 1, 1), candle(59, 2, 2), candle(60, 3, 3)], 60)
    assert [(one.at, one.trades, one.close) for one in found] == [(0, 2, 2), (60, 1, 3)]


@pytest.mark.parametrize(
    ("span", "width"),
    [(60, 1), (3600, 15), (86400, 300), (30 * 86400, 14400), (12 * 365 * 86400, 604800)],
)
def test_a_chart_of_any_span_can_be_drawn(span: int, width: int) -> None:
    """From a minute to all that Kraken has."""
    assert width_for(span) == width


def test_times_are_utc(index: LakeIndex) -> None:
    """The hours are those of the folders."""
    assert index.pair("BTC_USD").span == (
        datetime(2026, 1, 30, 18, tzinfo=UTC),
        datetime(2026, 1, 30, 21, tzinfo=UTC),
    )
