from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.read.bounded_connection import bounded_connection


def test_only_files_of_the_lake_are_read(tmp_path: Path) -> None:
    """A path beside the lake is refused, and so is one that leaves it by its parts."""
    lake, beside = tmp_path / "it's a lake", tmp_path / "beside.parquet"
    lake.mkdir()
    for path in (lake / "inside.parquet", beside):
        pq.write_table(pa.table({"a": [1]}), path)
    with bounded_connection(lake) as connection:
        inside = connection.execute("FROM read_parquet(?)", [str(lake / "inside.parquet")])
        assert inside.fetchall() == [(1,)]
        for path in (beside, lake / ".." / "beside.parquet"):
            with pytest.raises(duckdb.PermissionException):
                connection.execute("FROM read_parquet(?)", [str(path)])


def test_the_limits_cannot_be_lifted(tmp_path: Path) -> None:
    """Not even by a query."""
    with bounded_connection(tmp_path) as connection, pytest.raises(duckdb.Error):
        connection.execute("SET enable_external_access = true")
