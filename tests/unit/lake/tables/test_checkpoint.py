"""A checkpoint has all that the versions before it said, but for what is gone."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.tables.delta.checkpoint import (
    NO_FILES,
    as_parquet,
    files_in,
    header_in,
    joined,
    to_files,
)

HEADER: list[dict[str, Any]] = [
    {"protocol": {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["one"]}},
    {
        "metaData": {
            "id": "an id",
            "format": {"provider": "parquet", "options": {}},
            "schemaString": "{}",
            "partitionColumns": ["year"],
            "configuration": {"delta.checkpointInterval": "100"},
            "createdTime": 1,
        }
    },
    {"txn": {"appId": "kraken-lake/KRAKEN", "version": 7, "lastUpdated": 2}},
    {"txn": {"appId": "kraken-lake/OTHER", "version": 9, "lastUpdated": 3}},
]


def add(name: str) -> dict[str, Any]:
    """One file, as a version adds it."""
    return {
        "path": name,
        "partitionValues": {"year": "2026"},
        "size": 10,
        "modificationTime": 3,
        "dataChange": True,
        "stats": "{}",
    }


def paths(files: pa.Table) -> list[object]:
    """The files by name."""
    return files.column("path").to_pylist()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Header and files, each action in a row of its own."""
    path = tmp_path / "c.parquet"
    path.write_bytes(as_parquet(HEADER, to_files([add("a"), add("b")])))
    assert header_in(path) == HEADER
    assert paths(files_in(path)) == ["a", "b"]
    for row in pq.read_table(path).to_pylist():
        assert len([1 for value in row.values() if value is not None]) == 1


def test_a_file_of_a_checkpoint_is_no_change(tmp_path: Path) -> None:
    """Nobody takes it for new rows."""
    path = tmp_path / "c.parquet"
    path.write_bytes(as_parquet(HEADER, to_files([add("a")])))
    (row,) = files_in(path).to_pylist()
    assert {**row, "partitionValues": dict(row["partitionValues"])} == add("a") | {
        "dataChange": False
    }


def test_a_table_without_files_has_a_checkpoint(tmp_path: Path) -> None:
    """It begins with none, or all have left."""
    path = tmp_path / "c.parquet"
    path.write_bytes(as_parquet(HEADER, NO_FILES))
    assert header_in(path) == HEADER
    assert files_in(path).num_rows == 0


def test_files_leave_and_join() -> None:
    """One that is added again is there once, as it was added last."""
    before = to_files([add("a"), add("b"), add("c")])
    again = add("b") | {"size": 11}
    after = joined(before, {"a", "b"}, to_files([again]))
    assert [(row["path"], row["size"]) for row in after.to_pylist()] == [("c", 10), ("b", 11)]


def test_a_checkpoint_of_another_program_is_read(tmp_path: Path) -> None:
    """With more columns, without some of ours, and in another order."""
    file = {"stats": "{}", "tags": [("a", "b")], "path": "a", "partitionValues": [], "size": 1}
    rows = {
        "txn": [None, {"version": 3, "appId": "x"}],
        "add": [file, None],
        "sidecar": [None, None],
    }
    kinds = pa.schema(
        {
            "txn": pa.struct({"version": pa.int64(), "appId": pa.string()}),
            "add": pa.struct(
                {
                    "stats": pa.string(),
                    "tags": pa.map_(pa.string(), pa.string()),
                    "path": pa.string(),
                    "partitionValues": pa.map_(pa.string(), pa.string()),
                    "size": pa.int64(),
                }
            ),
            "sidecar": pa.struct({"path": pa.string()}),
        }
    )
    path = tmp_path / "c.parquet"
    pq.write_table(pa.table(rows, schema=kinds), path)
    assert header_in(path) == [{"txn": {"appId": "x", "version": 3}}]
    assert paths(files_in(path)) == ["a"]
