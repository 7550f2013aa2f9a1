"""Lakes for the tests of this folder, written by the code under test.

All names of ours that writing a lake takes stand here, and in no test.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout
from lake.log.commit import Commit, CommitRange, LeftOut, OffsetRange, Role, Source
from lake.log.snapshot import read_snapshot
from lake.write.batch import Batch
from lake.write.staged_files import StagedFile
from lake.write.writer import LakeWriter
from spark_consumer.write.failure_count import Attempts
from spark_consumer.write.parquet_task import ParquetTask
from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import DATA

SOURCE = Source(cluster_id="c1", topic="kraken.trades", topic_id="t1")
LEFT_OUT = (LeftOut(schema_id=7, fields=("note", "side=BOTH")),)
AT = datetime(2026, 1, 30, 18, tzinfo=UTC)
AMOUNT = pa.decimal128(28, 10)
MOMENT = pa.timestamp("us", "UTC")
RECORD = {
    "exchange": pa.string(),
    "symbol": pa.string(),
    "trade_id": pa.int64(),
    "price": AMOUNT,
    "volume": AMOUNT,
    "side": pa.string(),
    "order_type": pa.string(),
    "misc": pa.string(),
    "executed_at": MOMENT,
    "ingested_at": MOMENT,
    "feed": pa.string(),
    "is-trade": pa.bool_(),
    "noted-header": pa.binary(),
}
"""A decoded record as Spark hands it to a task, with Arrow's types for those of trade v2."""


def layout_of(base: Path) -> LakeLayout:
    """Where everything of a lake lies."""
    return LakeLayout(base, "KRAKEN")


class WrittenLake:
    """Writes commits of both roles, one after the other.

    Args:
        base: BASE_OUTPUT_PATH.
    """

    def __init__(self, base: Path) -> None:
        self._layout = layout_of(base)

    def land(
        self,
        trades: Mapping[str, Sequence[int]],
        rejected: int = 0,
        *,
        end: int,
        left_out: Sequence[LeftOut] = LEFT_OUT,
    ) -> Commit:
        """As the stream lands a micro-batch: ids per symbol, and records for quarantine."""
        with LakeWriter.open(self._layout, run_id="r1") as writer:
            position = writer.state.position
            offsets = {at: OffsetRange(start=one, end=one) for at, one in position.items()}
            offsets[0] = OffsetRange(start=position.get(0, 500), end=end)
            batch = self._staged(writer.staging_folder(0), trades, rejected)
            return writer.commit(
                Batch(
                    **batch,
                    source=SOURCE,
                    offsets=offsets,
                    left_out=tuple(left_out) if trades else (),
                )
            )

    def replay(self, before: Commit, trades: Mapping[str, Sequence[int]], rejected: int) -> None:
        """As `lake quarantine replay` lands what passes now, and keeps the rest."""
        with LakeWriter.open(self._layout, run_id="m1", role=Role.MAINTENANCE) as writer:
            batch = self._staged(writer.staging_folder(0), trades, rejected)
            writer.commit(Batch(**batch, replaced_quarantine=before.quarantined))

    def reread(self, trades: Mapping[str, Sequence[int]], commits: tuple[int, int]) -> None:
        """As `lake reread` puts other files with the same trades in place."""
        first, last = commits
        with LakeWriter.open(self._layout, run_id="m2", role=Role.MAINTENANCE) as writer:
            files = read_snapshot(self._layout).files.values()
            replaced = tuple(file for file in files if "hour=18" in file.path)
            batch = self._staged(writer.staging_folder(1), trades, 0)
            writer.commit(
                Batch(
                    **batch,
                    replaced_files=replaced,
                    left_out=LEFT_OUT,
                    reread=CommitRange(first=first, last=last),
                )
            )

    def fail(self) -> None:
        """As a stream that is killed leaves its note for the next one."""
        note = Attempts(self._layout.platform / "stream.attempt.json")
        note.begin({0: OffsetRange(start=512, end=600)})

    @staticmethod
    def _staged(
        folder: Path, trades: Mapping[str, Sequence[int]], rejected: int
    ) -> dict[str, object]:
        """Files under staging, and what a batch says of them."""
        rows = [_record(symbol, one) for symbol, ids in trades.items() for one in ids]
        if rejected:
            (folder / "quarantine").mkdir(parents=True)
            table = pa.table({"reason": ["too short"] * rejected})
            pq.write_table(table, folder / "quarantine" / "part-0.parquet")
        return {
            "folder": folder,
            "trade_files": _staged_by_a_task(folder, rows) if rows else [],
            "expected_trades": len(rows),
            "expected_quarantined": rejected,
        }


def _staged_by_a_task(folder: Path, rows: list[dict[str, object]]) -> list[StagedFile]:
    """The files that one of Spark's tasks writes."""
    records = pa.RecordBatch.from_pylist(rows, pa.schema(RECORD)).to_struct_array()
    batch = pa.RecordBatch.from_arrays([records], ["record"])
    with pytest.MonkeyPatch.context() as spark:
        spark.setattr("pyspark.TaskContext.get", lambda: SimpleNamespace(taskAttemptId=lambda: 7))
        spark.setattr("gc.freeze", lambda: None)
        (report,) = ParquetTask(folder, "zstd").run([batch])
    return [StagedFile.model_validate_json(file) for file in report.to_pylist()[0]["files"]]


def _record(symbol: str, trade_id: int) -> dict[str, object]:
    at = AT + timedelta(seconds=trade_id)
    return {
        "exchange": "KRAKEN",
        "symbol": symbol,
        "trade_id": trade_id,
        "price": Decimal("105433.6"),
        "volume": Decimal("0.00027625"),
        "side": "BUY",
        "order_type": "LIMIT",
        "misc": "",
        "executed_at": at,
        "ingested_at": at,
        "feed": "REST",
        "is-trade": True,
        "noted-header": None,
    }


def write_one_of_each_kind(base: Path, run: Run) -> None:
    """Commits 100 to 105, behind an older lake: two batches, compaction, replay, reread, nothing.

    Trade 10 landed before, so that the first batch leaves a duplicate out.
    """
    shutil.copytree(DATA / "before", base)
    lake = WrittenLake(base)
    lake.land({"BTC/USD": [10, 11, 12], "ETH/USD": [1]}, rejected=1, end=506)
    second = lake.land({"BTC/USD": [13, 14]}, rejected=2, end=511)
    assert run("lake", "compact", BASE_OUTPUT_PATH=str(base)).status == 0
    lake.replay(second, {"BTC/USD": [15]}, rejected=1)
    lake.reread({"BTC/USD": [11, 12, 13, 14, 15], "ETH/USD": [1]}, commits=(100, 101))
    lake.land({}, end=512)
    lake.fail()


def write_a_retired_hour(base: Path, run: Run) -> None:
    """Commits 1 to 4: two hours with a hole, a retirement, and a batch that has retired trades."""
    lake = WrittenLake(base)
    lake.land({"BTC/USD": [1, 2, 4]}, end=503, left_out=())
    lake.land({"BTC/USD": [3601]}, end=504, left_out=())
    for path in base.rglob("*.parquet"):
        os.utime(path, (0, 0))  # Changes within two seconds might not show in its times.
    holes = base / "holes.json"
    holes.write_text(
        json.dumps(
            [
                {"exchange": "KRAKEN", "symbol": "BTC/USD", "first_trade_id": a, "last_trade_id": b}
                for a, b in ((3, 3), (5, 3600))
            ]
        )
    )
    settings = {"BASE_OUTPUT_PATH": str(base)}
    assert run("lake", "verify", "--holes", str(holes), **settings).status == 0
    assert run("lake", "retire", "--before", "2026-01-30T19:00Z", **settings).status == 0
    lake.land({"BTC/USD": [2, 3602]}, end=506)


def write_a_folded_lake(base: Path, run: Run) -> None:
    """Two batches, a compaction, a batch, a compaction: commits 1 to 5, of which 3 are folded."""
    lake = WrittenLake(base)
    settings = {"BASE_OUTPUT_PATH": str(base), "LOG_RETENTION_HOURS": "0"}
    for number, ids in enumerate(([1, 2], [3], [4])):
        lake.land({"BTC/USD": ids}, end=510 + number)
        if number:
            assert run("lake", "compact", **settings).status == 0
