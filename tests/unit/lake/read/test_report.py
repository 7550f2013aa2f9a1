import json
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import lake.write.writer
from lake.layout import LakeLayout
from lake.read.report import HourSummary, hours
from tests.unit.lake.lakes import AT, HOUR, compact, files, land
from tests.unit.lake.minutes import MINUTE, one_a_minute, table

FIGURES = ("first_at", "last_at", "volume")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone is asked for again at once."""
    monkeypatch.setattr("lake.read.listing_retry._PAUSE", 0)


def rewrite(layout: LakeLayout, *, stated: bool) -> None:
    """Commits that state the figures of each file, or that were made before any did."""
    for path in layout.commits.glob("0*.json"):
        commit: dict[str, Any] = json.loads(path.read_bytes())
        for file in commit["files"]:
            rows = pq.read_table(_place(layout, file), partitioning=None)
            micros = pc.min_max(rows["executed_at"].cast(pa.int64())).as_py()
            figures = (micros["min"], micros["max"], str(pc.sum(rows["volume"])))
            file |= dict(zip(FIGURES, figures if stated else (None,) * 3, strict=True))
        path.write_text(json.dumps(commit))


def _place(layout: LakeLayout, file: dict[str, Any]) -> Path:
    in_place = layout.base / file["path"]
    return in_place if in_place.exists() else layout.base / file["staged"]


def of_hour(hour: int, symbol: str = "BTC_USD") -> str:
    """The folder of an hour and a pair."""
    return HOUR.replace("hour=18", f"hour={hour}").replace("BTC_USD", symbol)


@pytest.mark.parametrize("stated", [True, False], ids=["from the log", "from the files"])
def test_an_hour_is_summed_up_over_its_files(
    layout: LakeLayout,
    stated: bool,  # noqa: FBT001 - the case
) -> None:
    """Trades, ids, times, volume and files are the same, whether commits state them or not."""
    land(layout, one_a_minute(range(1, 11)), one_a_minute(range(11, 31)))
    rewrite(layout, stated=stated)
    assert hours(layout) == [
        HourSummary("BTC/USD", AT, 30, 1, 30, AT, AT + 29 * MINUTE, Decimal("45.0"), 2)
    ]


def test_what_the_log_states_is_reported_without_a_file(layout: LakeLayout) -> None:
    """No file is opened: the report is the same after they are gone."""
    land(layout, one_a_minute(range(1, 11)), one_a_minute(range(11, 31)))
    rewrite(layout, stated=True)
    before = hours(layout)
    shutil.rmtree(layout.trades)
    assert hours(layout) == before
    assert before[0].trades == 30


def test_only_files_of_earlier_versions_are_read(layout: LakeLayout) -> None:
    """Their figures are added to those that newer commits state."""
    land(layout, one_a_minute(range(1, 11)))
    rewrite(layout, stated=True)
    stated = files(layout)[0]
    land(layout, one_a_minute(range(11, 21)))
    newest = max(layout.commits.glob("0*.json"))
    commit = json.loads(newest.read_bytes())
    commit["files"][0] |= dict.fromkeys(FIGURES)
    newest.write_text(json.dumps(commit))
    stated.unlink()
    (hour,) = hours(layout)
    assert (hour.trades, hour.last_at, hour.volume) == (20, AT + 19 * MINUTE, Decimal(30))


def test_a_file_that_is_gone_and_has_to_be_read_is_an_error(layout: LakeLayout) -> None:
    """Nothing is left out of a report in silence."""
    land(layout, one_a_minute(range(1, 11)))
    rewrite(layout, stated=False)
    files(layout)[0].unlink()
    with pytest.raises(duckdb.Error, match="part-0000000001"):
        hours(layout)


def test_hours_are_in_order_and_can_be_chosen(layout: LakeLayout) -> None:
    """By symbol, then by hour; by pair and by time where only some are wanted."""
    for hour, symbol in ((20, "ETH_USD"), (20, "BTC_USD"), (9, "ETH_USD"), (19, "BTC_USD")):
        at = AT.replace(hour=hour)
        land(layout, one_a_minute([1 + hour], at), folder=of_hour(hour, symbol))

    def found(*symbols: str, hour: int = 0, minute: int = 0) -> list[tuple[str, int]]:
        since = AT.replace(hour=hour, minute=minute)
        return [(one.symbol, one.hour.hour) for one in hours(layout, symbols, since)]

    everything = [("BTC/USD", 19), ("BTC/USD", 20), ("ETH/USD", 9), ("ETH/USD", 20)]
    assert [(one.symbol, one.hour.hour) for one in hours(layout)] == everything
    assert found() == everything
    assert found("ETH/USD") == everything[2:]
    assert found(hour=19, minute=59) == [everything[0], everything[1], everything[3]]
    assert found("ETH/USD", hour=10) == [everything[3]]
    assert found("XRP/USD") == []


def test_volumes_are_summed_up_to_the_last_digit(layout: LakeLayout) -> None:
    """Also where the sum has more digits than Python's decimals keep by default."""
    volume = Decimal("999999999999999999.0000000001")
    rows = [table([(one, AT + one * MINUTE, Decimal(1), volume)]) for one in range(1, 13)]
    land(layout, *rows)
    for stated in (True, False):
        rewrite(layout, stated=stated)
        assert hours(layout)[0].volume == Decimal("11999999999999999988.0000000012")


def test_files_without_a_commit_log_are_listed(layout: LakeLayout) -> None:
    """A copy of the folder for readers alone is reported on, without what is no file of trades."""
    land(layout, one_a_minute(range(1, 11)), one_a_minute(range(11, 31)))
    before = hours(layout)
    shutil.copy(files(layout)[0], layout.trades / "loose.parquet")
    shutil.rmtree(layout.platform)
    assert hours(layout) == before


def test_a_lake_of_nothing_has_no_hours(layout: LakeLayout) -> None:
    """Before anything has landed, and where no trade has."""
    assert hours(layout) == []
    land(layout, [])
    assert hours(layout) == []


def test_compacted_hours_have_the_same_figures(layout: LakeLayout) -> None:
    """In one file."""
    land(layout, one_a_minute(range(1, 11)), one_a_minute(range(11, 31)))
    (before,) = hours(layout)
    compact(layout)
    (after,) = hours(layout)
    assert (after.trades, after.volume, after.last_at) == (30, before.volume, before.last_at)
    assert (before.files, after.files) == (2, 1)


def test_files_of_a_commit_that_is_being_published_are_read_where_they_are(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit exists, so its trades have landed, though their names are not in place."""
    land(layout, one_a_minute(range(1, 11)))
    with monkeypatch.context() as patch:
        patch.setattr(lake.write.writer, "publish", lambda *_: None)
        patch.setattr(lake.write.writer.shutil, "rmtree", lambda *_, **__: None)
        land(layout, one_a_minute(range(11, 31)))
    for stated in (True, False):
        rewrite(layout, stated=stated)
        (hour,) = hours(layout)
        assert (hour.trades, hour.last_at - AT) == (30, timedelta(minutes=29))
