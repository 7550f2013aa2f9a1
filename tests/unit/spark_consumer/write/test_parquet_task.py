"""What a Spark task does with its records, without Spark."""

import errno
import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.write.staged_files import StagedFile
from spark_consumer.write import parquet_task as staging_task
from spark_consumer.write.parquet_task import ParquetTask


class Attempt:
    """Spark's word on which attempt of a task this is."""

    def __init__(self, number: int) -> None:
        self._number = number

    def taskAttemptId(self) -> int:  # noqa: N802 - Spark's name
        """Unique among all attempts of all tasks of a program."""
        return self._number


@pytest.fixture(autouse=True)
def first_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Spark ran it."""
    monkeypatch.setattr(staging_task.TaskContext, "get", lambda: Attempt(7))


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """A task freezes what its process has loaded, which here is this program of tests."""
    gc.unfreeze()
    yield
    gc.unfreeze()


HOUR = datetime(2026, 1, 30, 18, tzinfo=UTC)
HEADER = b"\x00\x00\x00\x00\x09"
BTC_FOLDER = "year=2026/month=1/day=30/hour=18/symbol=BTC_USD"
ETH_FOLDER = "year=2026/month=1/day=30/hour=18/symbol=ETH_USD"
NEXT_FOLDER = "year=2026/month=1/day=30/hour=19/symbol=BTC_USD"


def record(
    trade_id: int,
    symbol: str = "BTC/USD",
    at: datetime = HOUR,
    *,
    trade: bool = True,
    unseen: bytes | None = None,
) -> dict[str, object]:
    """One decoded record."""
    return {
        "symbol": symbol,
        "trade_id": trade_id,
        "price": Decimal("1.0000000001"),
        "executed_at": at,
        "is-trade": trade,
        "noted-header": unseen,
    }


def batch(*records: dict[str, object]) -> "pa.RecordBatch":
    """Records as Spark hands them over."""
    schema = pa.schema(
        {
            "symbol": pa.string(),
            "trade_id": pa.int64(),
            "price": pa.decimal128(28, 10),
            "executed_at": pa.timestamp("us", "UTC"),
            "is-trade": pa.bool_(),
            "noted-header": pa.binary(),
        }
    )
    records_as_struct = pa.RecordBatch.from_pylist(list(records), schema).to_struct_array()
    return pa.RecordBatch.from_arrays([records_as_struct], ["record"])


def run(folder: Path, *batches: "pa.RecordBatch") -> dict[str, Any]:
    """The report of one task, with its files parsed."""
    (report,) = ParquetTask(folder, "zstd").run(batches)
    (row,) = report.to_pylist()
    return {**row, "files": [StagedFile.model_validate_json(file) for file in row["files"]]}


def ids(file: StagedFile) -> list[int]:
    """The trade ids of a file as reported, in its order."""
    return pq.read_table(file.path, partitioning=None).column("trade_id").to_pylist()


def test_each_folder_gets_one_file_sorted_by_id(tmp_path: Path) -> None:
    """Whatever order the records came in, and in however many batches; all lie side by side."""
    later = HOUR + timedelta(hours=1)
    report = run(
        tmp_path,
        batch(record(3), record(9, "ETH/USD"), record(5, at=later)),
        batch(record(1), record(8, "ETH/USD"), record(2)),
    )
    assert (report["rows"], report["trades"], report["unseen"]) == (6, 6, [])
    found = {file.folder: ids(file) for file in report["files"]}
    assert found == {BTC_FOLDER: [1, 2, 3], ETH_FOLDER: [8, 9], NEXT_FOLDER: [5]}
    assert sorted((tmp_path / "trades").iterdir()) == sorted(file.path for file in report["files"])


def test_a_file_has_the_events_columns_but_the_symbol(tmp_path: Path) -> None:
    """The folder names it; values and types are those that came."""
    (file,) = run(tmp_path, batch(record(1, at=HOUR + timedelta(microseconds=7))))["files"]
    table = pq.read_table(file.path, partitioning=None)
    assert table.to_pylist() == [
        {
            "trade_id": 1,
            "price": Decimal("1.0000000001"),
            "executed_at": HOUR + timedelta(microseconds=7),
        }
    ]
    assert table.schema.field("price").type == pa.decimal128(28, 10)
    assert table.schema.field("executed_at").type == pa.timestamp("us", "UTC")


def test_what_is_no_trade_is_counted_and_not_written(tmp_path: Path) -> None:
    """With the header of each id that is not known, once."""
    report = run(
        tmp_path,
        batch(record(1), record(2, trade=False)),
        batch(record(3, trade=False, unseen=HEADER), record(4, trade=False, unseen=HEADER)),
    )
    assert (report["rows"], report["trades"], report["unseen"]) == (4, 1, [HEADER])
    (file,) = report["files"]
    assert ids(file) == [1]


def test_a_task_without_a_trade_writes_nothing(tmp_path: Path) -> None:
    """Nor does one without a record."""
    assert run(tmp_path, batch(record(1, trade=False)))["files"] == []
    assert run(tmp_path)["rows"] == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bound", "most"), [("_MOST_ROWS", 2), ("_MOST_BYTES", 2 * batch(record(1)).nbytes)]
)
def test_a_long_task_writes_in_several_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    """So that it holds no more in memory than it may."""
    monkeypatch.setattr(staging_task, bound, most)
    report = run(tmp_path, *(batch(record(n)) for n in (5, 4, 3, 2, 1)))
    assert [ids(file) for file in report["files"]] == [[4, 5], [2, 3], [1]]


def test_another_attempt_leaves_the_first_ones_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that was lost may still be writing."""
    first = run(tmp_path, batch(record(1)))["files"]
    monkeypatch.setattr(staging_task.TaskContext, "get", lambda: Attempt(8))
    second = run(tmp_path, batch(record(1)))["files"]
    assert first != second
    assert len(list(tmp_path.rglob("*.parquet"))) == 2


def test_a_task_that_fails_makes_room_for_its_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing lists what it had written."""
    monkeypatch.setattr(staging_task, "_MOST_ROWS", 1)

    def broken() -> Iterator["pa.RecordBatch"]:
        yield batch(record(1))
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        list(ParquetTask(tmp_path, "zstd").run(broken()))
    assert list(tmp_path.rglob("*.parquet")) == []


def test_what_is_loaded_is_frozen_once(tmp_path: Path) -> None:
    """Spark's look for garbage after a task passes over all modules; what came later is freed."""
    run(tmp_path / "first", batch(record(1)))
    frozen = gc.get_freeze_count()
    assert frozen > 0
    later = Attempt(8)
    later.itself = later  # type: ignore[attr-defined]  # so that only the collector frees it
    seen = weakref.ref(later)
    run(tmp_path / "second", batch(record(2)))
    del later
    gc.collect()
    assert gc.get_freeze_count() == frozen
    assert seen() is None
