"""Files that a batch lists, as the tasks that wrote them described them."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.errors import StagingIncomplete
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange
from lake.write.staged_files import read_trade_files
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, StageBatch, landed_ids, write_trades


def test_a_file_of_a_lost_task_is_not_committed(layout: LakeLayout, stage: StageBatch) -> None:
    """It lies beside those that the batch lists, and goes with the staging folder."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        batch = stage(writer, 0, [1, 2], end=2)
        listed = read_trade_files(batch.trades)
        write_trades(batch.trades / HOUR / "part-00000-lost.parquet", [1, 2])
        writer.commit(replace(batch, trade_files=listed))
        assert not batch.folder.exists()
    assert landed_ids(layout) == [1, 2]


def test_a_listed_file_that_is_not_here_stops_the_batch(
    layout: LakeLayout, stage: StageBatch
) -> None:
    """An executor wrote it to a disk of its own; the lake is reported as whole all the same."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        batch = stage(writer, 0, [1, 2], end=2)
        (file,) = read_trade_files(batch.trades)
        elsewhere = [file.model_copy(update={"path": file.path.with_name("elsewhere.parquet")})]
        with pytest.raises(StagingIncomplete, match="the same storage"):
            writer.commit(replace(batch, trade_files=elsewhere))
    assert landed_ids(layout) == []


def test_a_listed_file_that_was_cut_short_stops_the_batch(
    layout: LakeLayout, stage: StageBatch
) -> None:
    """An executor's storage has lost its end."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        batch = stage(writer, 0, [1, 2], end=2)
        listed = read_trade_files(batch.trades)
        os.truncate(listed[0].path, listed[0].bytes - 1)
        with pytest.raises(StagingIncomplete, match="bytes where"):
            writer.commit(replace(batch, trade_files=listed))
    assert landed_ids(layout) == []


def test_a_commit_opens_no_file_of_new_trades(
    layout: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task that wrote it has said all; only a file with duplicates is read."""
    opened: list[Path] = []
    real_read = pq.read_table

    def counted(path: Path, **options: Any) -> "pa.Table":
        opened.append(path)
        return real_read(path, **options)

    with LakeWriter.open(layout, run_id="r1") as writer:
        new, known = (stage(writer, at, [1, 2], end=2 * at + 2) for at in (0, 1))
        new = replace(new, trade_files=read_trade_files(new.trades))
        known = replace(known, trade_files=read_trade_files(known.trades))
        monkeypatch.setattr(pq, "read_table", counted)
        commit = writer.commit(new)
        assert (commit.files[0].ids, opened) == (((1, 2),), [])
        writer.commit(replace(known, offsets={0: OffsetRange(start=2, end=4)}))
        assert len(opened) == 1
    assert landed_ids(layout) == [1, 2]
