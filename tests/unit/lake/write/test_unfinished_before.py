"""Compactions that version 0.1 left unfinished; it prepared a folder where its file was staged."""

from pathlib import Path

import pytest

import lake.storage.atomic_swap
import lake.write.writer
from lake.layout import LakeLayout
from lake.log.commit import Commit, Role
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.verify.verification import verify
from lake.write.batch import Batch
from lake.write.compaction import merge
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import landed_ids
from tests.unit.lake.lakes import HOUR, in_folder

STEPS = ("committed", "renamed", "linked", "exchanged")


class Killed(Exception):
    """Stands for the process ending at this very instruction."""


def compact_until(layout: LakeLayout, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What version 0.1 had done by then, the newest of three files staying."""
    replaced = tuple(read_snapshot(layout, at=2).files.values())
    with (
        pytest.raises(Killed),
        monkeypatch.context() as patch,
        LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer,
    ):
        batch = Batch(writer.staging_folder(0), 40, 0, replaced_files=replaced)
        merge(layout.base, replaced, batch.trades / HOUR / "merged.parquet", "zstd", thorough=True)
        patch.setattr(lake.write.writer, "publish", _killed)
        writer.commit(batch)
    (commit,) = CommitLog(layout.commits).commits(after=3)
    in_place, prepared = layout.trades / HOUR, (layout.base / commit.files[0].staged).parent
    if step != "committed":
        (layout.base / commit.files[0].staged).rename(prepared / _name(commit))
    if step in {"linked", "exchanged"}:
        stays = max(in_place.iterdir())
        (prepared / stays.name).hardlink_to(stays)
    if step == "exchanged":
        lake.storage.atomic_swap.swap_folders(in_place, prepared)


@pytest.mark.parametrize("step", STEPS)
def test_a_compaction_of_version_0_1_is_finished(
    crowded: LakeLayout, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it was ended: the new file and the one that stays, each trade once."""
    compact_until(crowded, step, monkeypatch)
    with LakeWriter.open(crowded, run_id="r2"):
        pass
    assert len(in_folder(crowded)) == 2
    assert landed_ids(crowded) == list(range(1, 61))
    assert verify(crowded).holds


def test_one_ended_between_its_two_renames_is_finished(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where folders cannot be exchanged, the old one was put aside first."""
    compact_until(crowded, "linked", monkeypatch)
    (commit,) = CommitLog(crowded.commits).commits(after=3)
    prepared = (crowded.base / commit.files[0].staged).parent
    (crowded.trades / HOUR).rename(prepared.with_name(f"{prepared.name}.retired"))
    with LakeWriter.open(crowded, run_id="r2"):
        pass
    assert len(in_folder(crowded)) == 2
    assert landed_ids(crowded) == list(range(1, 61))


def _name(commit: Commit) -> str:
    return Path(commit.files[0].path).name


def _killed(*_: object) -> None:
    raise Killed
