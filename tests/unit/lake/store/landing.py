"""What programs do to a lake in an object store, and what readers find there."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import SnapshotGone
from lake.layout import LakeLayout
from lake.log.commit import Commit, OffsetRange, Role
from lake.log.snapshot import files, read_snapshot
from lake.storage.object_path import ObjectPath, lake_path
from lake.write.batch import Batch
from lake.write.compaction import Compacted, Compaction
from lake.write.staged_files import stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import AT, HOUR, LONG_AFTER, SOURCE, trades

__all__ = ["ETH", "NEXT_HOUR", "by_files", "by_listing", "compact", "land", "staged"]

ETH = HOUR.replace("BTC", "ETH")
NEXT_HOUR = HOUR.replace("hour=18", "hour=19")


def staged(
    writer: LakeWriter, number: int, ids: Mapping[str, Iterable[int]], **of_batch: Any
) -> Batch:
    """A batch as the stream's tasks upload it."""
    folder = writer.staging_folder(number)
    uploaded = []
    for at, (partition, some) in enumerate(ids.items()):
        table = trades(list(some), AT + timedelta(hours=partition == NEXT_HOUR))
        place = trade_file(folder, partition, f"{at:05d}")
        uploaded.append(stage_trades(table, place, partition, "zstd"))
    start = writer.state.position.get(0, 0)
    rows = sum(file.rows for file in uploaded)
    given: dict[str, Any] = {
        "source": SOURCE,
        "offsets": {0: OffsetRange(start=start, end=start + rows)},
        **of_batch,
    }
    return Batch(folder, rows, 0, trade_files=uploaded, **given)


def land(
    layout: LakeLayout, *batches: Mapping[str, Iterable[int]], run: str = "r1"
) -> list[Commit]:
    """Land batches in one run of the stream."""
    with LakeWriter.open(layout, run_id=run) as writer:
        return [writer.commit(staged(writer, at, one)) for at, one in enumerate(batches)]


def compact(
    layout: LakeLayout, closed_by: datetime = LONG_AFTER, run: str = "m1"
) -> list[Compacted]:
    """What `kraken-lake compact` does, without folding the log."""
    with LakeWriter.open(layout, run_id=run, role=Role.MAINTENANCE) as writer:
        snapshot = read_snapshot(layout, at=writer.state.number)
        done = list(Compaction(layout, writer, "zstd").run(snapshot, closed_by))
    assert all(isinstance(one, Compacted) for one in done), done
    return done  # type: ignore[return-value]


def by_listing(layout: LakeLayout) -> list[tuple[str, int]]:
    """The trades that a reader finds who lists the readers' folder: symbol folder and id."""
    while True:
        try:
            return _rows(layout.trades.below())  # type: ignore[union-attr]
        except FileNotFoundError:
            continue  # Retired since it was listed.


def by_files(layout: LakeLayout) -> list[tuple[str, int]]:
    """The trades that a reader finds by `lake.files()`."""
    while True:
        try:
            return _rows(map(lake_path, files(layout)))  # type: ignore[arg-type]
        except (FileNotFoundError, SnapshotGone):
            continue  # Replaced since it was listed.


def _rows(paths: Iterable[ObjectPath]) -> list[tuple[str, int]]:
    found = []
    for path in paths:
        symbol = path.parent.name.removeprefix("symbol=")
        found += [(symbol, one) for one in _ids(path.read_bytes())]
    return sorted(found)


@lru_cache(maxsize=1_000)
def _ids(content: bytes) -> tuple[int, ...]:
    table = pq.read_table(pa.BufferReader(content), partitioning=None)
    return tuple(table.column("trade_id").to_pylist())
