from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.id_ranges import IdRanges
from lake.write.staged_files import id_ranges, staged_files, trade_ids
from tests.unit.lake.conftest import HOUR, write_trades


@given(st.sets(st.integers(-(2**40), 2**40) | st.integers(0, 50)))
def test_sorted_ids_become_their_runs(ids: set[int]) -> None:
    """Runs hold the very ids, and no more of them than needed."""
    ordered = sorted(ids)
    runs = id_ranges(pa.array(ordered, pa.int64()))
    assert runs == list(IdRanges((i, i) for i in ordered))


@pytest.mark.parametrize("ids", [[1, 1], [1, 2, 2, 3], [2, 1]])
def test_ids_that_repeat_or_fall_have_no_runs(ids: list[int]) -> None:
    """Such a file must be looked at row by row."""
    assert id_ranges(pa.array(ids, pa.int64())) is None


def test_staged_files_are_told_by_their_folder_and_footer(tmp_path: Path) -> None:
    """Empty files and anything but Parquet are left out."""
    write_trades(tmp_path / HOUR / "part-0.parquet", [1, 2, 3])
    write_trades(tmp_path / HOUR / "part-1.parquet", [])
    (tmp_path / HOUR / ".part-0.parquet.crc").write_bytes(b"x")
    (file,) = staged_files(tmp_path)
    assert (file.folder, file.rows) == (HOUR, 3)
    assert file.bytes == file.path.stat().st_size
    assert trade_ids(file.path).to_pylist() == [1, 2, 3]


def test_of_listed_files_no_other_counts(tmp_path: Path) -> None:
    """A task that failed, or was written off, left some beside them; an empty list is a list."""
    listed = tmp_path / HOUR / "part-0.parquet"
    write_trades(listed, [1, 2, 3])
    write_trades(tmp_path / HOUR / "part-1.parquet", [1, 2, 3])
    assert [file.path for file in staged_files(tmp_path, {listed: HOUR})] == [listed]
    assert staged_files(tmp_path, {}) == []
