"""Records read one by one, as the columns of Spark's Kafka source."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lake.errors import LakeUnwritable
from spark_consumer.kafka import record_spool
from spark_consumer.kafka.record_bounds import (
    CUT_HEADER,
    KEPT_BYTES,
    RecordBounds,
    RecordParts,
    unreadable,
)
from spark_consumer.kafka.record_reader import PlacedRecord
from spark_consumer.kafka.record_spool import spool

BOUNDS = RecordBounds(record_bytes=100_000)


def test_every_part_comes_back_and_what_is_cut_is_counted(tmp_path: Path) -> None:
    """Nulls as nulls, the time in microseconds, a record of which nothing was read as well."""
    headers = [("lane", b"live"), ("", None)]
    sent = [
        PlacedRecord(0, 7, RecordParts(b"k", b"v", 1500, headers)),
        PlacedRecord(1, 8, RecordParts(None, None, -1, None)),
        PlacedRecord(1, 9, RecordParts(b"k", bytes(100_000), 2**62, None)),
        PlacedRecord(1, 10, unreadable("too large")),
    ]
    spooled = spool(iter(sent), "t", tmp_path / "new", BOUNDS)
    assert (spooled.records, spooled.cut, len(spooled.files)) == (4, 2, 1)
    first, second, third, fourth = pq.read_table(spooled.files[0]).to_pylist()
    assert first == {
        "key": b"k",
        "value": b"v",
        "topic": "t",
        "partition": 0,
        "offset": 7,
        "timestamp": datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC),
        "headers": [{"key": "lane", "value": b"live"}, {"key": "", "value": None}],
    }
    assert (second["key"], second["value"], second["headers"]) == (None, None, None)
    assert third["value"] == bytes(KEPT_BYTES)
    assert third["timestamp"].year == 9999
    assert [header["key"] for header in fourth["headers"]] == [CUT_HEADER]


def test_a_row_group_has_a_bound_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark takes a group's rows by the thousand."""
    monkeypatch.setattr(record_spool, "_GROUP_BYTES", 100_000)

    def records() -> Iterator[PlacedRecord]:
        for offset in range(10):
            yield PlacedRecord(0, offset, RecordParts(None, bytes(40_000), 0, None))

    (file,) = spool(records(), "t", tmp_path, BOUNDS).files
    metadata = pq.ParquetFile(file).metadata
    rows = [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]
    assert rows == [3, 3, 3, 1]


def test_no_records_make_no_file(tmp_path: Path) -> None:
    """A range may hold control records alone."""
    assert spool(iter([]), "t", tmp_path, BOUNDS).files == ()


def test_storage_that_refuses_is_an_error_of_the_lake(tmp_path: Path) -> None:
    """So that it is said in a sentence, as it is wherever else the lake is written."""
    (tmp_path / "file").touch()
    with pytest.raises(LakeUnwritable, match=r"file/new: .*Nothing was lost: free space"):
        spool(iter([]), "t", tmp_path / "file" / "new", BOUNDS)
