"""A lake at each stage of its files, with a table that follows it: the same for every format."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

import lake.write.merge_choice
from lake.layout import LakeLayout, folder_of
from lake.log.snapshot import files
from lake.storage.object_path import LakePath, lake_path
from lake.storage.operations import parquet_source
from lake.write.compaction import Compacted
from lake.write.open_hours import OpenHoursMerger
from tests.unit.lake.lakes import AT, compact, land
from tests.unit.lake.tables.trades import trades

SYMBOLS = ("BTC/USD", "1INCH/USD", "0700", "A B/USD", "50%/ÉUR")
STAGES = ("as landed", "open hours merged", "compacted", "grown late")
ALL_ARE_OPEN = timedelta(days=100_000)
Rows = list[dict[str, Any]]


def land_both_versions(layout: LakeLayout) -> None:
    """Files without the later column, then files with it, of several symbols and hours."""
    for number, symbol in enumerate(SYMBOLS):
        first = 100 * number + 1
        for hours in (0, 1):
            at = AT + timedelta(hours=hours)
            folder = folder_of(at, symbol)
            land(layout, trades(first + 50 * hours, 3, at), folder=folder)
            later = trades(first + 50 * hours + 10, 2, at, feed="REST")
            land(layout, later, trades(first + 50 * hours + 20, 2, at, feed="WS"), folder=folder)


def merge_open_hours(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `kraken-lake compact --open-hours` does, where there are more than two files."""
    monkeypatch.setattr(lake.write.merge_choice, "MOST_FILES", 2)
    done = list(OpenHoursMerger(layout, "zstd", ALL_ARE_OPEN).round(datetime.now(UTC)))
    assert done
    assert all(isinstance(one, Compacted) for one in done)


def reach(
    stage: str,
    layout: LakeLayout,
    synced: Callable[[LakeLayout], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fill a lake up to one of `STAGES`, and bring its table up to date after each step."""
    if stage == "grown late":
        land(layout, trades(9_001, 3, AT), folder=folder_of(AT, "BTC/USD"))
        synced(layout)
    land_both_versions(layout)
    synced(layout)
    if stage == "as landed":
        return
    if stage == "open hours merged":
        merge_open_hours(layout, monkeypatch)
    else:
        compact(layout)
    synced(layout)
    if stage == "grown late":
        land(layout, trades(9_101, 3, AT, feed="WS"), folder=folder_of(AT, "BTC/USD"))
        synced(layout)


def in_the_files(layout: LakeLayout, of_folders: Collection[str]) -> Rows:
    """What the files hold, with null for a later column and these values of their folders."""
    rows: Rows = []
    for path in _paths(layout):
        folders = dict(part.split("=", 1) for part in path.parts if "=" in part)
        values = {
            name: value if name == "symbol" else int(value)
            for name, value in folders.items()
            if name in of_folders
        }
        found = pq.read_table(parquet_source(path), partitioning=None).to_pylist()
        rows += [{"feed": None, **row, **values} for row in found]
    return in_order(rows)


def _paths(layout: LakeLayout) -> Iterable[LakePath]:
    """The lake's files: on disk a listing has them all."""
    if layout.is_on_store:
        return map(lake_path, files(layout))
    return layout.trades.rglob("*.parquet")


def in_order(rows: Rows) -> Rows:
    """By symbol and id."""
    return sorted(rows, key=lambda row: (row["symbol"], row["trade_id"]))
