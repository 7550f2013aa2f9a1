"""When how many rows had become visible."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.run.timeline import Timeline, of_files, of_progress, of_snapshots


def test_rows_add_up_in_the_order_of_their_moments() -> None:
    """Whatever order the files are listed in."""
    timeline = Timeline.adding([(3.0, 30), (1.0, 10), (2.0, 20)])
    assert timeline.points == [(1.0, 10), (2.0, 30), (3.0, 60)]
    assert timeline.rows == 60


def test_the_rate_leaves_out_what_came_before_it_was_warm() -> None:
    """From the first thousand on: 4,000 rows in two seconds."""
    timeline = Timeline([(10.0, 1000), (11.0, 3000), (12.0, 5000)])
    assert timeline.rate(after=1000) == 2000.0


def test_a_batch_that_is_short_of_control_records_counts_as_full() -> None:
    """A batch of a million offsets holds a few rows less."""
    timeline = Timeline([(10.0, 999_900), (12.0, 1_999_800)])
    assert timeline.reaching(1_000_000) == (10.0, 999_900)


def test_a_last_batch_of_a_few_rows_does_not_count() -> None:
    """The few rows left over would cost a whole batch's time."""
    timeline = Timeline([(10.0, 1000), (12.0, 5000), (20.0, 5001)])
    assert timeline.rate(after=1000) == 2000.0


def test_rows_that_come_all_at_once_have_no_rate() -> None:
    """There is no time between the first and the last of them."""
    assert Timeline([(10.0, 1000)]).rate(after=100) is None
    assert Timeline([]).rate(after=100) is None


def test_files_tell_when_they_were_renamed_into_place(tmp_path: Path) -> None:
    """Not when they were written; hidden ones and those under _ folders are no reader's."""
    table = pa.table({"trade_id": [1, 2, 3]})
    for name in ("staged.parquet", ".hidden.parquet", "_temporary/0.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / name)
    os.utime(tmp_path / "staged.parquet", (1.0, 1.0))
    placed = (tmp_path / "staged.parquet").rename(tmp_path / "part.parquet")
    assert of_files(tmp_path).points == [(placed.stat().st_ctime, 3)]
    assert placed.stat().st_ctime > 1_000_000_000


def test_a_file_that_is_being_written_is_not_there_yet(tmp_path: Path) -> None:
    """Some sinks write where readers list: such a file has no rows until it is whole."""
    (tmp_path / "part.parquet").touch()
    assert of_files(tmp_path).points == []


def test_progress_is_read_from_lines_of_json(tmp_path: Path) -> None:
    """As programs write it that leave no files."""
    file = tmp_path / "progress.jsonl"
    lines = [{"at": 5.0, "rows": 0}, {"at": 6.0, "rows": 70}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert of_progress(file).points == [(5.0, 0), (6.0, 70)]


@pytest.mark.parametrize("read", [of_progress, of_snapshots, of_files])
def test_nothing_is_there_yet(tmp_path: Path, read: object) -> None:
    """A program that has just started has landed nothing."""
    assert callable(read)
    assert read(tmp_path / "missing").rows == 0


def test_snapshots_are_read_from_the_newest_metadata(tmp_path: Path) -> None:
    """v10 is newer than v9; times are milliseconds."""
    folder = tmp_path / "metadata"
    folder.mkdir()
    snapshot = {"timestamp-ms": 2500, "summary": {"added-records": "40"}}
    (folder / "v9.metadata.json").write_text(json.dumps({"snapshots": []}))
    (folder / "v10.metadata.json").write_text(json.dumps({"snapshots": [snapshot]}))
    assert of_snapshots(tmp_path).points == [(2.5, 40)]
