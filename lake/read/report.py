"""A report on the trades that have landed, hour by hour, as the commit log counts them.

A commit states of each file how many trades it holds, their ids, their times and their volume. So a
report opens no file. Only files that were committed before the log kept times and volume are read,
by DuckDB. Whether the files on disk are those of the log is for `lake.verify` to say.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

from lake.id_ranges import Run
from lake.layout import LakeLayout, hour_of_path, symbol_from_folder, symbol_of_path
from lake.log.commit import DataFile
from lake.log.snapshot import read_snapshot
from lake.read.duckdb_batches import in_batches, open_duckdb
from lake.read.listing_retry import retry_listing
from lake.storage.local_copies import local_names
from lake.storage.object_path import LakePath, ObjectPath

__all__ = ["HourSummary", "hours", "tree"]

_FIGURES: Final = """
    SELECT filename, count(*), min(trade_id), max(trade_id), epoch_us(min(executed_at)),
           epoch_us(max(executed_at)), coalesce(sum(volume), 0)
    FROM read_parquet($paths, filename = true, hive_partitioning = false)
    GROUP BY filename
"""
_EXACT: Final = Context(prec=100)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_Place = tuple[str, datetime]
"""The symbol's folder and the hour that a file's path names."""


@dataclass(frozen=True)
class HourSummary:
    """The trades of one pair in one hour of event time, UTC."""

    symbol: str
    hour: datetime
    trades: int
    first_id: int
    last_id: int
    first_at: datetime
    last_at: datetime
    volume: Decimal
    files: int


@dataclass(frozen=True)
class _Figures:
    """The trades of some files: how many, the ranges of their ids and times, their volume.

    Times are in microseconds since 1970, UTC.
    """

    trades: int
    ids: Run
    times: Run
    volume: Decimal
    files: int = 1

    def plus(self, other: "_Figures") -> "_Figures":
        return _Figures(
            self.trades + other.trades,
            _around(self.ids, other.ids),
            _around(self.times, other.times),
            _EXACT.add(self.volume, other.volume),
            self.files + other.files,
        )


@dataclass(frozen=True)
class _Choice:
    """The hours to report on: of these symbols (of all if there are none), from a time on."""

    symbols: Collection[str]
    since: datetime | None

    def takes(self, place: _Place) -> bool:
        symbol, hour = place
        if self.symbols and symbol_from_folder(symbol) not in self.symbols:
            return False
        return self.since is None or hour + timedelta(hours=1) > self.since


def hours(
    layout: LakeLayout, symbols: Collection[str] = (), since: datetime | None = None
) -> list[HourSummary]:
    """Summarize the lake's trades per symbol and hour; empty if nothing has landed.

    A folder without a commit log, such as a copy of the files for readers alone, is listed, and all
    of its files are read.

    Args:
        layout: the lake.
        symbols: the canonical symbols to report on; empty for all.
        since: leave out hours that had ended by this time, UTC.

    Raises:
        LakeDamaged: A commit is unreadable.
        duckdb.Error: A file that has to be read cannot be.
    """
    choice = _Choice(symbols, since)
    found = retry_listing(lambda: _figures(layout, choice))
    return [_summary(place, found[place]) for place in sorted(found)]


def tree(layout: LakeLayout) -> Iterator[tuple[int, str]]:
    """Yield the folders and files that a reader lists, as depth and name, in a tree's order."""
    root = layout.trades
    for path in _in_tree(root):
        parts = path.relative_to(root).parts
        yield len(parts), parts[-1]


def _in_tree(root: LakePath) -> Iterable[LakePath]:
    """List a folder's files and the folders below it, in the order of their names."""
    if not isinstance(root, ObjectPath):
        return sorted(root.rglob("*"))
    files = list(root.below())
    folders = {above for path in files for above in path.parents if above.is_relative_to(root)}
    return sorted({*files, *folders} - {root})


def _figures(layout: LakeLayout, choice: _Choice) -> dict[_Place, _Figures]:
    found: dict[_Place, _Figures] = {}
    for place, figures in _by_file(layout, choice):
        before = found.get(place)
        found[place] = figures if before is None else before.plus(figures)
    return found


def _by_file(layout: LakeLayout, choice: _Choice) -> Iterator[tuple[_Place, _Figures]]:
    """Yield the figures of each file: from the log, then of those that have to be read."""
    unknown: dict[LakePath, _Place] = {}
    snapshot = read_snapshot(layout)
    for file in snapshot.files.values():
        place = _place(file.folder)
        if not choice.takes(place):
            continue
        figures = _of_commit(file)
        if figures is None:
            unknown[_where(layout, file)] = place
        else:
            yield place, figures
    if not snapshot.number:
        unknown = {path: place for path, place in _listed(layout) if choice.takes(place)}
    for path, figures in _read(list(unknown)):
        yield unknown[path], figures


def _of_commit(file: DataFile) -> _Figures | None:
    """Return a file's figures as its commit states them; None if it does not state all."""
    if file.first_at is None or file.last_at is None or file.volume is None:
        return None
    ids = (file.ids[0][0], file.ids[-1][1])
    return _Figures(file.rows, ids, (file.first_at, file.last_at), file.volume)


def _where(layout: LakeLayout, file: DataFile) -> LakePath:
    """Return where a file is: under staging while its commit is being published."""
    if file.staged == file.path:
        return layout.base / file.path
    in_place, staged = layout.base / file.path, layout.base / file.staged
    return staged if not in_place.exists() and staged.exists() else in_place


def _listed(layout: LakeLayout) -> Iterator[tuple[LakePath, _Place]]:
    """Yield the files that a reader lists, without those outside the partition folders."""
    trades = layout.trades
    for path in trades.below() if isinstance(trades, ObjectPath) else trades.glob("**/*.parquet"):
        try:
            yield path, _place(path.parent.as_posix())
        except ValueError:
            continue


def _read(paths: list[LakePath]) -> Iterator[tuple[LakePath, _Figures]]:
    if not paths:
        return
    with open_duckdb() as connection:
        for batch in in_batches(paths):
            with local_names(batch) as names:
                rows = connection.execute(_FIGURES, {"paths": names}).fetchall()
            read = dict(zip(names, batch, strict=True))
            for name, trades, *figures in rows:
                first_id, last_id, first_at, last_at, volume = figures
                ids, times = (first_id, last_id), (first_at, last_at)
                yield read[name], _Figures(trades, ids, times, volume)


def _summary(place: _Place, figures: _Figures) -> HourSummary:
    symbol, hour = place
    return HourSummary(
        symbol=symbol_from_folder(symbol),
        hour=hour,
        trades=figures.trades,
        first_id=figures.ids[0],
        last_id=figures.ids[1],
        first_at=_time(figures.times[0]),
        last_at=_time(figures.times[1]),
        volume=figures.volume,
        files=figures.files,
    )


def _around(one: Run, other: Run) -> Run:
    return min(one[0], other[0]), max(one[1], other[1])


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


@lru_cache(maxsize=10_000)
def _place(folder: str) -> _Place:
    return symbol_of_path(folder), hour_of_path(folder)
