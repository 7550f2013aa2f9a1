import importlib
from pathlib import Path
from typing import Any

import pytest

import lake.storage.atomic_swap
import lake.write.publishing
import lake.write.writer
from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.log.commit import Commit, Role
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.storage.durable_folders import DurableFolders
from lake.storage.lock import writer_lock
from lake.verify.verification import verify
from lake.write.compaction import Compaction
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import StageBatch, landed_ids
from tests.unit.lake.lakes import HOUR, LONG_AFTER, compact, in_folder


class Killed(Exception):
    """Stands for the process ending at this very instruction."""


POINTS = [
    "lake.write.compaction.merge",
    "lake.write.compaction.merge:after",
    "lake.write.writer.read_staged:after",
    "lake.write.writer.check_replacement:after",
    "lake.write.writer.publish",
    "lake.write.publishing.link",
    "lake.write.publishing.link:after",
    "lake.write.publishing._link_all:after",
    "lake.write.publishing.swap_folders",
    "lake.write.publishing.swap_folders:after",
    "lake.write.writer.publish:after",
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
        patch.setattr(lake.storage.atomic_swap, "_exchange", lambda *_: False)

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
    compact_until(crowded, "lake.write.writer.publish")
    monkeypatch.setattr(lake.write.publishing, "_PATIENCE", 0.3)
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
    """The folder has been swapped again since; repeating the first swap would restore old files."""
    compact(crowded)
    first = next(reversed(list(CommitLog(crowded.commits).commits())))
    with LakeWriter.open(crowded, run_id="r1") as stream:
        stream.commit(stage(stream, 0, [61], end=61))
        compact(crowded)
        lake.write.publishing.publish(
            crowded,
            CommitLog(crowded.commits),
            first,
            DurableFolders(crowded.base),
        )
    assert landed_ids(crowded) == list(range(1, 62))
    assert verify(crowded).holds


def test_one_who_comes_late_to_its_own_links_leaves_them_alone(
    crowded: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that slept after its commit finds its file published and merged; it is not back."""
    real_publish = lake.write.writer.publish
    slept: list[Commit] = []

    def publish_late(layout: LakeLayout, log: CommitLog, commit: Commit, *args: Any) -> None:
        if commit.role is Role.STREAM and not slept:
            slept.append(commit)
            compact(crowded)
        real_publish(layout, log, commit, *args)

    with LakeWriter.open(crowded, run_id="r1") as stream:
        monkeypatch.setattr(lake.write.writer, "publish", publish_late)
        stream.commit(stage(stream, 0, [61], end=61))
    assert slept
    assert len(in_folder(crowded)) == 1
    assert landed_ids(crowded) == list(range(1, 62))
    assert verify(crowded).holds
