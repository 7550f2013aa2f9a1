import errno
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lake
import lake.storage.atomic_swap
import lake.write.compaction
import lake.write.publishing
import lake.write.replaced_files
import lake.write.writer
from lake.errors import LakeDamaged, LakeUnwritable, SnapshotGone
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from lake.write.compaction import Compacted, crowded_folders
from lake.write.staged_files import StagedFile
from lake.write.writer import LakeWriter
from tests.engine import ROOT
from tests.unit.lake.conftest import HOUR, StageBatch, landed_ids
from tests.unit.lake.lakes import compact, in_folder, land

COMPACT = (sys.executable, "-m", "lake", "compact")


@pytest.mark.usefixtures("any_file_system")
def test_the_files_of_a_closed_hour_become_one(crowded: LakeLayout) -> None:
    """Sorted, with every row, and nothing else in the folder; a second run finds nothing to do."""
    (outcome,) = compact(crowded)
    assert isinstance(outcome, Compacted)
    assert (outcome.trades, outcome.files) == (60, 3)
    (path,) = in_folder(crowded)
    assert pq.read_table(path, partitioning=None)["trade_id"].to_pylist() == list(range(1, 61))
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"
    assert verify(crowded).holds
    assert compact(crowded) == []


def test_an_hour_is_left_alone_until_it_is_closed(crowded: LakeLayout) -> None:
    """Its end must have come by the time named; 18h ends at 19:00."""
    files = read_snapshot(crowded).files.values()
    assert crowded_folders(files, datetime(2026, 1, 30, 18, 59, 59, tzinfo=UTC)) == []
    assert len(crowded_folders(files, datetime(2026, 1, 30, 19, tzinfo=UTC))) == 1


@pytest.mark.usefixtures("any_file_system")
def test_late_trades_are_folded_in_again(crowded: LakeLayout) -> None:
    """They land beside the compacted file, and the next run makes one of both."""
    compact(crowded)
    land(crowded, range(61, 64))
    assert len(in_folder(crowded)) == 2
    compact(crowded)
    assert len(in_folder(crowded)) == 1
    assert landed_ids(crowded) == list(range(1, 64))
    assert verify(crowded).holds


@pytest.mark.usefixtures("any_file_system")
def test_files_that_a_stream_adds_meanwhile_stay(
    crowded: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch lands in the same folder after the rows were read and before they are replaced."""
    real_merge = lake.write.compaction.merge
    with LakeWriter.open(crowded, run_id="r1") as stream:

        def merge_and_be_overtaken(*args: Any, **kwargs: Any) -> StagedFile:
            merged = real_merge(*args, **kwargs)
            stream.commit(stage(stream, 0, [61], end=61))
            return merged

        monkeypatch.setattr(lake.write.compaction, "merge", merge_and_be_overtaken)
        compact(crowded)
        stream.commit(stage(stream, 1, [62, 61], end=63))
    assert len(in_folder(crowded)) == 3
    assert landed_ids(crowded) == list(range(1, 63))


def test_a_damaged_file_stops_its_folder_alone(crowded: LakeLayout) -> None:
    """It is named, its folder stays as it is, and the others are compacted."""
    other = HOUR.replace("BTC", "ETH")
    land(crowded, range(1, 3), range(3, 5), folder=other)
    damaged = in_folder(crowded)[0]
    damaged.write_bytes(b"PAR1 no more")
    outcomes = compact(crowded)
    assert [type(outcome) for outcome in outcomes] == [LakeDamaged, Compacted]
    assert damaged.name in str(outcomes[0])
    assert len(in_folder(crowded)) == 3


def test_a_full_disk_is_reported_and_leaves_the_folder_as_it_is(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merged file finds no room."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lake.write.compaction, "stage_trades", refuse)
    with pytest.raises(LakeUnwritable, match=r"No space left on device.*free space"):
        compact(crowded)
    assert len(in_folder(crowded)) == 3
    assert verify(crowded).holds


def test_a_changed_digit_is_not_folded_in(layout: LakeLayout) -> None:
    """Otherwise it would have a good checksum from then on, and the damage would never show."""
    land(layout, prices("105433.6"), prices("105433.7", trade_id=2))
    damaged = in_folder(layout)[0]
    pq.write_table(prices("105433.9"), damaged)
    (outcome,) = compact(layout)
    assert isinstance(outcome, LakeDamaged)
    assert "content has changed" in str(outcome)
    assert len(in_folder(layout)) == 2


def prices(price: str, trade_id: int = 1) -> pa.Table:
    """One trade at a price."""
    column = pa.array([Decimal(price)], pa.decimal128(28, 10))
    return pa.table({"trade_id": pa.array([trade_id], pa.int64()), "price": column})


def test_columns_that_do_not_go_together_leave_the_folder_as_it_is(layout: LakeLayout) -> None:
    """Text and numbers under one name cannot be one column."""
    ids = {"trade_id": pa.array([1], pa.int64()), "note": pa.array(["text"])}
    others = {"trade_id": pa.array([2], pa.int64()), "note": pa.array([7], pa.int64())}
    land(layout, pa.table(ids), pa.table(others))
    (outcome,) = compact(layout)
    assert isinstance(outcome, LakeDamaged)
    assert "cannot be unified" in str(outcome)
    assert landed_ids(layout) == [1, 2]


def test_columns_that_only_some_files_have_stay(layout: LakeLayout) -> None:
    """Rows from before the column have null in it; every digit and microsecond is kept."""
    at = pa.array([datetime(2026, 1, 30, 18, 0, 0, 123456, UTC)], pa.timestamp("us", "UTC"))
    price = pa.array([Decimal("0.0000000001")], pa.decimal128(28, 10))
    old = {"trade_id": pa.array([2], pa.int64()), "price": price, "executed_at": at}
    new = {**old, "trade_id": pa.array([1], pa.int64()), "feed": pa.array(["REST"])}
    land(layout, pa.table(old), pa.table(new))
    compact(layout)
    (path,) = in_folder(layout)
    assert pq.read_table(path, partitioning=None).to_pylist() == [
        {"trade_id": 1, "price": price[0].as_py(), "executed_at": at[0].as_py(), "feed": "REST"},
        {"trade_id": 2, "price": price[0].as_py(), "executed_at": at[0].as_py(), "feed": None},
    ]


def test_replaced_files_stay_readable_for_who_has_begun_with_them(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept aside for a grace, then go."""
    opened = in_folder(crowded)[0].open("rb")
    land(crowded, range(1, 3), range(3, 5), folder=HOUR.replace("BTC", "ETH"))
    compact(crowded)
    kept = list(crowded.staging("maintenance").rglob("part-*.parquet"))
    assert len(kept) == 3 + 2
    assert opened.read(4) == b"PAR1"
    land(crowded, range(61, 62))
    monkeypatch.setattr(lake.write.replaced_files, "READERS_GRACE", 0.0)
    compact(crowded)
    assert not list(crowded.staging("maintenance").rglob("*.parquet"))


def test_the_lake_as_it_was_before_is_reported_to_be_gone(crowded: LakeLayout) -> None:
    """A snapshot must not name files that no longer exist."""
    assert len(lake.files(crowded, at=3)) == 3
    compact(crowded)
    assert lake.files(crowded) == [str(path) for path in in_folder(crowded)]
    with pytest.raises(SnapshotGone, match="commit 4"):
        lake.files(crowded, at=3)


def test_the_command_tells_what_it_did(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One line per folder, and a total; an invalid duration is refused."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(crowded.base))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(COMPACT, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"KRAKEN/{HOUR}: 60 trades, 3 files -> 1" in done.stdout
    refused = subprocess.run(
        (*COMPACT, "--older-than", "soon"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "is no duration" in refused.stderr


def test_a_folder_deleted_behind_its_compaction_is_missing_and_comes_not_back_doubled(
    crowded: LakeLayout,
) -> None:
    """The old files exist next to the staged one: the two must never be published together."""
    compact(crowded)
    folder = min(crowded.trades.glob("**/symbol=*"))
    shutil.rmtree(folder)
    assert {problem.kind for problem in verify(crowded).problems} == {ProblemKind.MISSING_FILE}
    with pytest.raises(LakeDamaged), LakeWriter.open(crowded, run_id="later"):
        pass
    assert not list(crowded.trades.glob("**/*.parquet"))
