import importlib
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
import lake.compaction
import lake.exchange
import lake.publishing
import lake.writer
from lake.commit import Role
from lake.compaction import Compacted, Compaction, crowded_folders
from lake.errors import LakeBusy, LakeDamaged, SnapshotGone
from lake.layout import LakeLayout
from lake.lock import writer_lock
from lake.snapshot import read_snapshot
from lake.verify import verify
from lake.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, StageBatch, landed_ids
from tests.unit.lake.test_verify import land

LONG_AFTER = datetime(2026, 2, 1, tzinfo=UTC)
COMPACT = (sys.executable, "-m", "lake", "compact")


class Killed(Exception):
    """Stands for the process ending at this very instruction."""


@pytest.fixture
def crowded(layout: LakeLayout) -> LakeLayout:
    """A lake of one folder with three files, out of order."""
    land(layout, range(41, 61), range(1, 21), range(21, 41))
    return layout


@pytest.fixture(params=["in one step", "by two renames"])
def any_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems that exchange folders, and those that cannot."""
    if request.param == "by two renames":
        monkeypatch.setattr(lake.exchange, "_exchange", lambda *_: False)


def compact(layout: LakeLayout, closed_by: datetime = LONG_AFTER) -> list[Compacted | LakeDamaged]:
    """What `python -m lake compact` does."""
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        return list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), closed_by))


def in_folder(layout: LakeLayout) -> list[Path]:
    """What lies in the one folder."""
    return sorted((layout.trades / HOUR).iterdir())


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
    real_merge = lake.compaction.merge
    with LakeWriter.open(crowded, run_id="r1") as stream:

        def merge_and_be_overtaken(*args: Any) -> None:
            real_merge(*args)
            stream.commit(stage(stream, 0, [61], end=61))

        monkeypatch.setattr(lake.compaction, "merge", merge_and_be_overtaken)
        compact(crowded)
        stream.commit(stage(stream, 1, [62, 61], end=63))
    assert len(in_folder(crowded)) == 3
    assert landed_ids(crowded) == list(range(1, 63))


POINTS = [
    "lake.compaction.merge",
    "lake.compaction.merge:after",
    "lake.writer.read_staged:after",
    "lake.writer.readmit:after",
    "lake.writer.publish",
    "lake.publishing.move",
    "lake.publishing.move:after",
    "lake.publishing._link_all:after",
    "lake.publishing.exchange_folders",
    "lake.publishing.exchange_folders:after",
    "lake.writer.publish:after",
]


def compact_until(layout: LakeLayout, point: str) -> None:
    """Compact, and end at the first call of a function: before it, or `:after` it."""
    name, _, after = point.partition(":")
    module_name, _, function = name.rpartition(".")
    module = importlib.import_module(module_name)
    real = getattr(module, function)

    def deadly(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    with (
        pytest.raises(Killed),
        pytest.MonkeyPatch.context() as patch,
        LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer,
    ):
        patch.setattr(module, function, deadly)
        list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), LONG_AFTER))


@pytest.mark.usefixtures("any_file_system")
@pytest.mark.parametrize("finisher", [Role.STREAM, Role.MAINTENANCE])
@pytest.mark.parametrize("point", POINTS)
def test_ended_anywhere_each_trade_is_there_once(
    crowded: LakeLayout, point: str, finisher: Role
) -> None:
    """At once for a reader, and after the next start of either role; then all is compacted."""
    compact_until(crowded, point)
    assert landed_ids(crowded) == list(range(1, 61))
    with LakeWriter.open(crowded, run_id="r2", role=finisher):
        assert landed_ids(crowded) == list(range(1, 61))
        assert verify(crowded).holds
    compact(crowded)
    assert len(in_folder(crowded)) == 1
    assert landed_ids(crowded) == list(range(1, 61))


def test_ended_between_the_two_renames_the_next_start_does_the_second(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one moment in which a file system without exchange shows no folder."""
    real_rename = Path.rename
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(lake.exchange, "_exchange", lambda *_: False)

        def rename(self: Path, target: Path) -> Path:
            moved = real_rename(self, target)
            if str(target).endswith(".retired"):
                raise Killed
            return moved

        patch.setattr(Path, "rename", rename)
        compact(crowded)
    assert not (crowded.trades / HOUR).exists()
    with LakeWriter.open(crowded, run_id="r2"):
        assert len(in_folder(crowded)) == 1
    assert landed_ids(crowded) == list(range(1, 61))


def test_a_swap_that_another_is_at_is_waited_for(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that exchange the same folders would undo each other's work."""
    compact_until(crowded, "lake.writer.publish")
    monkeypatch.setattr(lake.publishing, "_SWAP_PATIENCE", 0.3)
    with (
        writer_lock(crowded.lock_file("publisher")),
        pytest.raises(LakeBusy, match="publisher"),
        LakeWriter.open(crowded, run_id="r2"),
    ):
        pass
    with LakeWriter.open(crowded, run_id="r2"):
        assert len(in_folder(crowded)) == 1


def test_one_who_comes_late_to_a_swap_leaves_it_alone(
    crowded: LakeLayout, stage: StageBatch
) -> None:
    """The folder was swapped once more since; doing the first again would bring old files back."""
    compact(crowded)
    first = next(reversed(list(lake.writer.CommitLog(crowded.commits).commits())))
    with LakeWriter.open(crowded, run_id="r1") as stream:
        stream.commit(stage(stream, 0, [61], end=61))
        compact(crowded)
        lake.publishing.publish(crowded, lake.writer.CommitLog(crowded.commits), first)
    assert landed_ids(crowded) == list(range(1, 62))
    assert verify(crowded).holds


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


def test_a_changed_digit_is_not_folded_in(layout: LakeLayout) -> None:
    """Else it would have a good checksum from then on, and nobody would ever know."""
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
    assert "do not go together" in str(outcome)
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
    kept = list(crowded.staging("maintenance").rglob("*.parquet"))
    assert len(kept) == 3 + 2
    assert opened.read(4) == b"PAR1"
    land(crowded, range(61, 62))
    monkeypatch.setattr(lake.compaction, "_READERS_GRACE", 0.0)
    compact(crowded)
    assert not list(crowded.staging("maintenance").rglob("*.parquet"))


def test_the_lake_as_it_was_before_is_told_to_be_gone(crowded: LakeLayout) -> None:
    """A snapshot of files that are no longer there would be a lie."""
    assert len(lake.files(crowded, at=3)) == 3
    compact(crowded)
    assert lake.files(crowded) == [str(path) for path in in_folder(crowded)]
    with pytest.raises(SnapshotGone, match="commit 4"):
        lake.files(crowded, at=3)


def test_the_command_tells_what_it_did(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A line a folder and a sum; a duration that is none is refused."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(crowded.base))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
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
