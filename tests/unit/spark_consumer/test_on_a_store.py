"""What the stream does differently when its lake is in an object store, without Spark."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.errors import StoreRefused, WriterFenced
from lake.layout import LakeLayout
from lake.settings import LakeSettings
from lake.storage.object_path import ObjectPath
from lake.storage.operations import parquet_source
from lake.write.store.keys import quarantine_folder
from lake.write.writer import LakeWriter
from spark_consumer import takeover
from spark_consumer.kafka import record_spool
from spark_consumer.kafka.record_bounds import RecordBounds, RecordParts
from spark_consumer.kafka.record_reader import PlacedRecord
from spark_consumer.kafka.record_spool import remove_spooled, spool
from spark_consumer.spark_errors import refusal_in
from spark_consumer.takeover import ending_for_the_next, outlasted_by, taking_over
from spark_consumer.write.quarantine_task import QuarantineTask
from spark_consumer.write.stream import default_interval, is_costly
from tests.unit.lake.lakes import HOUR
from tests.unit.lake.store.landing import by_files, land, staged
from tests.unit.lake.store.stores import Stores

WITHIN = 120.0


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A bucket that processes share."""
    return Stores(monkeypatch)


@pytest.fixture
def layout(stores: Stores) -> LakeLayout:
    """A lake with one commit."""
    found, _ = stores.process()
    land(found, {HOUR: [1, 2]}, run="first")
    return found


def test_a_running_stream_ends_once_another_has_taken_the_lake(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds the other's first commit in the log, also if it has nothing to land itself."""
    monkeypatch.setattr(takeover, "_READ_EVERY", 0.01)
    stopping = threading.Event()
    lake = LakeSettings(base_output_path=layout.base)
    with (
        LakeWriter.open(layout, run_id="old") as old,
        ending_for_the_next(layout, stopping, "old", old.state.number),
    ):
        old.commit(staged(old, 0, {HOUR: [3]}))
        assert not stopping.wait(0.1)
        with taking_over(lake, "new", threading.Event()) as new:
            assert stopping.wait(WITHIN)
            new.commit(staged(new, 0, {HOUR: [4]}))
        with pytest.raises(WriterFenced, match="run new"):
            old.commit(staged(old, 1, {HOUR: [4, 5]}))
    assert [trade_id for _, trade_id in by_files(layout)] == [1, 2, 3, 4]


def test_nobody_is_asked_how_long_a_stream_will_run(layout: LakeLayout) -> None:
    """There is no lock that would say so."""
    assert outlasted_by(layout, None) is None


def test_records_for_quarantine_are_uploaded(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In files of limited size, each described; what a failed task has uploaded goes again."""
    monkeypatch.setattr("pyspark.TaskContext.get", lambda: SimpleNamespace(taskAttemptId=lambda: 7))
    monkeypatch.setattr("spark_consumer.write.quarantine_task._MOST_BYTES", 1_500)
    staging = layout.staging("stream") / "run" / "0"
    folder = quarantine_folder(staging)
    batches = [pa.RecordBatch.from_pydict({"value": [bytes(500)] * rows}) for rows in (2, 2, 0, 1)]
    (report,) = QuarantineTask(folder, "zstd").run(iter(batches))
    assert len(report) == 2
    assert isinstance(folder, ObjectPath)
    rows = [pq.read_metadata(parquet_source(path)).num_rows for path in folder.below()]
    assert sorted(rows) == [1, 4]

    def broken() -> Iterator["pa.RecordBatch"]:
        yield from [batches[0], batches[1]]
        raise OSError("the records ended")

    other = quarantine_folder(layout.staging("stream") / "run" / "1")
    with pytest.raises(OSError, match="ended"):
        list(QuarantineTask(other, "zstd").run(broken()))
    assert isinstance(other, ObjectPath)
    assert list(other.below()) == []


def test_spooled_records_are_objects_of_limited_size(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come back as they were, and nothing stays of them."""
    monkeypatch.setattr(record_spool, "_GROUP_BYTES", 1_000)
    monkeypatch.setattr(record_spool, "_OBJECT_BYTES", 2_000)
    folder = layout.staging("stream") / "run" / "0-records"
    records = (PlacedRecord(0, at, RecordParts(None, bytes(600), 0, None)) for at in range(8))
    spooled = spool(records, "t", folder, RecordBounds(record_bytes=100_000))
    assert (len(spooled.files), spooled.records) == (2, 8)
    tables = [pq.read_table(parquet_source(path)) for path in spooled.files]
    assert pa.concat_tables(tables).column("offset").to_pylist() == list(range(8))
    remove_spooled(folder)
    assert isinstance(folder, ObjectPath)
    assert list(folder.below()) == []


PYTHON_TRACE = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "/opt/platform/lake/storage/object_client.py", line 6, in put
lake.errors.StoreRefused: cannot write s3://b/k in s3://b: it is throttling. Nothing was lost.

\tat org.apache.spark.api.python.BasePythonRunner
"""


def test_a_refusal_in_a_task_is_the_stores() -> None:
    """Reading the records again, one by one, would meet the same."""
    found = refusal_in(Exception(PYTHON_TRACE))
    assert isinstance(found, StoreRefused)
    assert str(found) == ("cannot write s3://b/k in s3://b: it is throttling. Nothing was lost.")
    assert refusal_in(Exception("org.apache.spark.SparkException: no memory")) is None


@pytest.mark.parametrize(
    ("interval", "costly"),
    [
        ("300 milliseconds", True),
        ("1 second", True),
        ("5 seconds", False),
        ("2 minutes", False),
        ("now and then", False),
    ],
)
def test_a_short_interval_is_costly(interval: str, costly: Any) -> None:
    """Each batch is some requests for each pair."""
    assert is_costly(interval) == costly
    assert not is_costly(default_interval(in_store=True))
    assert is_costly(default_interval(in_store=False))
