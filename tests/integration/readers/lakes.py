"""The readers' lake, written as the stream writes it, and copies of it that are partly unreadable.

A copy shows what a query reads: where everything is damaged but the files that it needs, only a
query that leaves the others alone has an answer. This works for every reader in the same way.
"""

import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.log.commit import OffsetRange
from lake.tables.formats import table_of
from lake.tables.sync import sync
from lake.tables.table import TableFormat
from lake.write.batch import Batch
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.writer import LakeWriter
from tests.integration.readers.source_rows import HOURS, INCH, Row, rows
from tests.unit.lake.lakes import SOURCE, compact

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_AMOUNT = pa.decimal128(28, 10)
_TIME = pa.timestamp("us", "UTC")
_NO_VERSION_IS_OLD = datetime(2000, 1, 1, tzinfo=UTC)


def write_landed(base: Path) -> LakeLayout:
    """Land all rows, an older and a newer half of each hour, and make the tables."""
    layout = LakeLayout(base, "KRAKEN")
    with LakeWriter.open(layout, run_id="readers") as writer:
        for number, hour in enumerate(HOURS):
            of_hour = [row for row in rows() if _hour_of(row) == hour]
            # Every file is of one version: in the hour that has both, feed says which.
            for half, batch in enumerate(_halves(of_hour)):
                _land(writer, 2 * number + half, batch, hour)
    make_tables(layout)
    return layout


def write_compacted(landed: LakeLayout, base: Path) -> LakeLayout:
    """Copy the lake, and merge the files of each hour."""
    layout = copied(landed, base)
    merged = compact(layout)
    assert len(merged) == len(list(layout.trades.rglob("symbol=*")))
    make_tables(layout)
    return layout


def make_tables(layout: LakeLayout) -> None:
    """Make the table of every format, or bring it up to date."""
    for table_format in TableFormat:
        sync(layout, table_of(layout, table_format, ""), _NO_VERSION_IS_OLD)


def copied(layout: LakeLayout, base: Path) -> LakeLayout:
    """Copy the lake; its Iceberg table, which names files by absolute paths, is made anew."""
    shutil.copytree(layout.base, base, ignore=shutil.ignore_patterns("_iceberg"))
    copy = LakeLayout(base, layout.exchange)
    make_tables(copy)
    return copy


def damaged_copy(
    layout: LakeLayout,
    base: Path,
    is_needed: Callable[[Path], bool],
    damage: Callable[[Path], None],
) -> Path:
    """Copy the lake, and damage all files but those that are needed."""
    files = list(copied(layout, base).trades.rglob("*.parquet"))
    spared = [path for path in files if is_needed(path)]
    assert 0 < len(spared) < len(files)
    for path in set(files) - set(spared):
        damage(path)
    return base


def is_of_symbol(path: Path) -> bool:
    """Whether a file is of the symbol that the readers filter by."""
    return f"symbol={INCH}" in path.parts


def is_around_the_full_hour(path: Path) -> bool:
    """Whether a file is of the two hours that the readers' range of times touches."""
    return any(f"hour={hour.hour}" in path.parts for hour in HOURS[:2])


def wipe_rows(path: Path) -> None:
    """Overwrite the rows of a file; its footer stays, with the bounds and the page index."""
    footer = pq.read_metadata(path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    end = max(_start(one) + one.total_compressed_size for one in columns)
    with path.open("r+b") as file:
        file.seek(len(b"PAR1"))
        file.write(b"\xff" * (end - len(b"PAR1")))


def wipe_file(path: Path) -> None:
    """Overwrite a whole file; its size stays."""
    path.write_bytes(b"\xff" * path.stat().st_size)


def _start(column: "pq.ColumnChunkMetaData") -> int:
    return column.dictionary_page_offset or column.data_page_offset


def _halves(of_hour: list[Row]) -> Iterable[list[Row]]:
    without = [row for row in of_hour if row.feed is None]
    with_feed = [row for row in of_hour if row.feed is not None]
    if without and with_feed:
        return without, with_feed
    return of_hour[::2], of_hour[1::2]


def _land(writer: LakeWriter, number: int, batch: list[Row], hour: datetime) -> None:
    folder = writer.staging_folder(number)
    target = folder / "trades"
    target.mkdir(parents=True)
    files: list[StagedFile] = []
    for symbol, of_symbol in groupby(batch, lambda row: row.symbol):
        place = f"year={hour.year}/month={hour.month}/day={hour.day}/hour={hour.hour}"
        path = target / f"part-{len(files):05d}.parquet"
        table = as_table(list(of_symbol))
        files.append(stage_trades(table, path, f"{place}/symbol={symbol}", "zstd"))
    start = writer.state.position.get(0, 0)
    offsets = {0: OffsetRange(start=start, end=start + len(batch))}
    writer.commit(Batch(folder, len(batch), 0, SOURCE, offsets, files))


def as_table(of: list[Row]) -> "pa.Table":
    """The columns of a file: without the later one, if the rows are of the first version."""
    count = len(of)
    columns = {
        "exchange": pa.array(["KRAKEN"] * count),
        "trade_id": pa.array([row.trade_id for row in of], pa.int64()),
        "price": _amounts(row.price for row in of),
        "volume": _amounts(row.volume for row in of),
        "side": pa.array(["BUY"] * count),
        "order_type": pa.array(["LIMIT"] * count),
        "misc": pa.array([""] * count),
        "executed_at": pa.array([row.executed_at for row in of], pa.int64()).cast(_TIME),
        "ingested_at": pa.array([row.executed_at + 250_000 for row in of], pa.int64()).cast(_TIME),
    }
    if of[0].feed is not None:
        columns["feed"] = pa.array([row.feed for row in of])
    return pa.table(columns)


def _amounts(units: Iterable[int]) -> "pa.Array[pa.Decimal128Scalar]":
    return pa.array([Decimal(unit).scaleb(-10) for unit in units], _AMOUNT)


def _hour_of(row: Row) -> datetime:
    return _EPOCH + _HOUR * (row.executed_at // 3_600_000_000)
