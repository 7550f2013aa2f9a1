"""Lakes with trades in them, and what is found there."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeDamaged
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange, Role, Source
from lake.log.snapshot import read_snapshot
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from lake.write.batch import Batch
from lake.write.compaction import Compacted, Compaction
from lake.write.staged_files import stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter

HOUR = "year=2026/month=1/day=30/hour=18/symbol=BTC_USD"
HEADERS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))
SOURCE = Source(cluster_id="c1", topic="kraken.trades", topic_id="t1")
AT = datetime(2026, 1, 30, 18, tzinfo=UTC)
LONG_AFTER = datetime(2026, 2, 1, tzinfo=UTC)


def land(
    layout: LakeLayout,
    *batches: Sequence[int] | pa.Table,
    at: datetime = AT,
    folder: str = HOUR,
) -> None:
    """Land batches, a file each: of ids, a second from trade to trade, or of whole rows."""
    with LakeWriter.open(layout, run_id=run_id(layout, "r1")) as writer:
        for number, ids in enumerate(batches):
            start = writer.state.position.get(0, 0)
            more: dict[str, Any] = {}
            if layout.is_on_store:
                rows = ids if isinstance(ids, pa.Table) else trades(ids, at)
                place = trade_file(writer.staging_folder(number), folder, "0")
                more["trade_files"] = [stage_trades(rows, place, folder, "zstd")]
            batch = Batch(
                folder=writer.staging_folder(number),
                expected_trades=len(ids),
                expected_quarantined=0,
                source=SOURCE,
                offsets={0: OffsetRange(start=start, end=start + len(ids))},
                **more,
            )
            if not layout.is_on_store:
                write(batch.trades / folder / "part-0.parquet", ids, at)
            writer.commit(batch)


def run_id(layout: LakeLayout, on_disk: str) -> str:
    """A run's name, which is part of its files' names in a store."""
    return uuid.uuid4().hex[:12] if layout.is_on_store else on_disk


def quarantine(
    layout: LakeLayout,
    records: Sequence[tuple[bytes | None, bytes | None]],
    times: Sequence[int | None] = (),
    headers: Sequence[dict[str, object]] | None = None,
) -> None:
    """Put records in quarantine: key and value, times in microseconds since 1970, headers."""
    count = len(records)
    columns = {
        "reason": pa.array(["no magic byte"] * count),
        "detail": pa.array([None] * count, pa.string()),
        "topic": pa.array(["kraken.trades"] * count),
        "partition": pa.array([0] * count, pa.int32()),
        "offset": pa.array(range(count), pa.int64()),
        "timestamp": pa.array(times or [0] * count, pa.timestamp("us", "UTC")),
        "key": pa.array([key for key, _ in records], pa.binary()),
        "value": pa.array([value for _, value in records], pa.binary()),
        "headers": pa.array([headers] * count, HEADERS),
    }
    content = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), content)
    with LakeWriter.open(layout, run_id=run_id(layout, "r1")) as writer:
        start = writer.state.position.get(0, 0)
        batch = Batch(
            folder=writer.staging_folder(0),
            expected_trades=0,
            expected_quarantined=count,
            source=SOURCE,
            offsets={0: OffsetRange(start=start, end=start + count)},
            trade_files=() if layout.is_on_store else None,
        )
        batch.quarantine.mkdir(parents=True)
        (batch.quarantine / "part-0.parquet").write_bytes(content.getvalue())
        writer.commit(batch)


def write(path: Path, ids: Sequence[int] | pa.Table, at: datetime) -> None:
    """A file of trades."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(ids, pa.Table):
        pq.write_table(ids, path)
        return
    pq.write_table(trades(ids, at), path)


def trades(ids: Sequence[int], at: datetime) -> "pa.Table":
    """Rows of these ids, a second apart, with the columns that matter to the lake."""
    times = [at + timedelta(seconds=n) for n in range(len(ids))]
    columns = {
        "trade_id": pa.array(ids, pa.int64()),
        "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
    }
    return pa.table(columns)


def files(layout: LakeLayout) -> list[Path]:
    """Its data files."""
    return [layout.base / path for path in read_snapshot(layout).files]


def kinds(layout: LakeLayout) -> set[ProblemKind]:
    """What is found to be wrong."""
    return {problem.kind for problem in verify(layout).problems}


def compact(layout: LakeLayout, closed_by: datetime = LONG_AFTER) -> list[Compacted | LakeDamaged]:
    """What `kraken-lake compact` does."""
    named = run_id(layout, "m1")
    with LakeWriter.open(layout, run_id=named, role=Role.MAINTENANCE) as writer:
        return list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), closed_by))


def in_folder(layout: LakeLayout) -> list[Path]:
    """What lies in the one folder."""
    return sorted((layout.trades / HOUR).iterdir())
