from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.id_ranges import IdRanges
from lake.storage.checksum import checksum
from lake.write.staged_files import (
    StagedFile,
    id_ranges,
    read_trade_files,
    stage_trades,
    staged_parquet,
)
from tests.unit.lake.conftest import write_trades
from tests.unit.lake.lakes import AT, HOUR


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


def table(ids: list[int]) -> "pa.Table":
    """Trades a second apart, each of volume 0.25."""
    times = [AT + timedelta(seconds=one) for one in ids]
    volumes = [Decimal("0.2500000000")] * len(ids)
    return pa.table(
        {
            "trade_id": pa.array(ids, pa.int64()),
            "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
            "volume": pa.array(volumes, pa.decimal128(28, 10)),
        }
    )


def test_a_file_is_described_as_it_is_written(tmp_path: Path) -> None:
    """All that a commit says about it: size, checksum, ids, times and volume."""
    path = tmp_path / "part-0.parquet"
    file = stage_trades(table([1, 2, 4]), path, HOUR, "zstd")
    first_at = int(AT.timestamp() * 1_000_000) + 1_000_000
    assert file == StagedFile(
        path=path,
        folder=HOUR,
        rows=3,
        bytes=path.stat().st_size,
        checksum=checksum(path),
        ids=((1, 2), (4, 4)),
        first_at=first_at,
        last_at=first_at + 3_000_000,
        volume=Decimal("0.75"),
    )
    assert file.symbol == "BTC_USD"


def test_a_description_survives_the_way_from_a_task(tmp_path: Path) -> None:
    """It travels as JSON, exact to the last digit of the volume."""
    file = stage_trades(table([1, 2, 4]), tmp_path / "part-0.parquet", HOUR, "zstd")
    assert StagedFile.model_validate_json(file.model_dump_json()) == file


def test_a_file_with_an_id_twice_names_no_ids(tmp_path: Path) -> None:
    """Its rows have to be compared one by one."""
    file = stage_trades(table([1, 1, 2]), tmp_path / "part-0.parquet", HOUR, "zstd")
    assert (file.rows, file.ids) == (3, None)


def test_files_of_trades_are_read_back(tmp_path: Path) -> None:
    """They are the same as when they were written; empty files and others are left out."""
    (tmp_path / HOUR).mkdir(parents=True)
    written = stage_trades(table([1, 2]), tmp_path / HOUR / "part-0.parquet", HOUR, "zstd")
    write_trades(tmp_path / HOUR / "part-1.parquet", [])
    (tmp_path / HOUR / ".part-0.parquet.crc").write_bytes(b"x")
    assert read_trade_files(tmp_path) == [written]


def test_records_for_quarantine_are_described_by_their_footer(tmp_path: Path) -> None:
    """Spark writes them; some of its files are empty."""
    pq.write_table(pa.table({"value": [b"x", b"y"]}), tmp_path / "part-0.parquet")
    pq.write_table(pa.table({"value": pa.array([], pa.binary())}), tmp_path / "part-1.parquet")
    (file,) = staged_parquet(tmp_path)
    assert (file.path.name, file.folder, file.rows, file.ids) == ("part-0.parquet", ".", 2, None)
    assert file.bytes == file.path.stat().st_size
