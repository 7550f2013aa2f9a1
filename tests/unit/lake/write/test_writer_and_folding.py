"""A writer beside a log that is folded."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import lake.storage.local_files
from lake.errors import WriterFenced
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.verify.checks.log_check import check_log
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import StageBatch, landed_ids

Asleep = Callable[[int, Callable[[], None]], None]


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> Asleep:
    """Puts a writer to sleep right before it creates a commit's file, while others work."""

    def put_to_sleep(number: int, others_work: Callable[[], None]) -> None:
        real, left = lake.storage.local_files.flush, [others_work]

        def flush(paths: Iterable[Path]) -> None:
            paths = list(paths)
            real(paths)
            if left and any(f"{number:020d}.json." in path.name for path in paths):
                left.pop()()

        monkeypatch.setattr(lake.storage.local_files, "flush", flush)

    return put_to_sleep


def fold_all(layout: LakeLayout) -> None:
    """Folds, and keeps no commit longer than it has to be kept."""
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        fold(layout, writer.settle(), datetime.now(UTC))


def land_elsewhere(layout: LakeLayout, stage: StageBatch, role: Role) -> None:
    """Another process of a role lands ten batches, and maintenance folds the log meanwhile."""
    # The kernel has dropped the sleeper's lock: its machine was suspended, or its network.
    layout.lock_file(role).unlink(missing_ok=True)
    with LakeWriter.open(layout, run_id="other", role=role) as other:
        for number in range(10):
            first = 101 + 10 * number
            other.commit(stage(other, number, range(first, first + 10), end=first + 9))
            if number in {7, 9} and role is Role.STREAM:
                fold_all(layout)
        if role is Role.MAINTENANCE:
            for number in range(2):
                fold(layout, other.settle(), datetime.now(UTC))
                first = 201 + number
                other.commit(stage(other, number, [first], end=first))
            fold(layout, other.settle(), datetime.now(UTC))


def assert_log_is_whole(layout: LakeLayout, newest: int) -> None:
    """No commit is missing, and each manifest is what its commits result in."""
    found = check_log(layout, full=True)
    assert found.problems == []
    assert found.snapshot.number == newest


def test_a_writer_that_slept_through_a_folding_takes_no_old_number(
    layout: LakeLayout, stage: StageBatch, asleep: Asleep
) -> None:
    """The name of its commit is free again; it stops and publishes nothing."""
    with LakeWriter.open(layout, run_id="sleeper") as sleeper:
        sleeper.commit(stage(sleeper, 0, range(1, 11), end=10))
        asleep(2, lambda: land_elsewhere(layout, stage, Role.STREAM))
        batch = stage(sleeper, 1, range(101, 111), end=110)
        with pytest.raises(WriterFenced, match=r"run other.*published nothing"):
            sleeper.commit(batch)
    log = CommitLog(layout.commits)
    assert log.folded() == 9
    assert log.path(2).exists()
    assert landed_ids(layout) == [*range(1, 11), *range(101, 201)]
    assert_log_is_whole(layout, newest=11)
    with LakeWriter.open(layout, run_id="next") as survivor:
        assert survivor.state.number == 11
        survivor.commit(stage(survivor, 0, range(201, 204), end=203))
    fold_all(layout)
    assert not log.path(2).exists()
    assert landed_ids(layout) == [*range(1, 11), *range(101, 204)]


def test_a_writer_that_slept_while_only_the_other_role_worked_goes_on(
    layout: LakeLayout, stage: StageBatch, asleep: Asleep
) -> None:
    """Nobody took its place: it takes the next number, and leaves out what has landed meanwhile."""
    with LakeWriter.open(layout, run_id="sleeper") as sleeper:
        sleeper.commit(stage(sleeper, 0, range(1, 11), end=10))
        asleep(2, lambda: land_elsewhere(layout, stage, Role.MAINTENANCE))
        commit = sleeper.commit(stage(sleeper, 1, range(195, 206), end=20))
        assert (commit.number, commit.duplicates_dropped) == (14, 8)
    assert landed_ids(layout) == [*range(1, 11), *range(101, 206)]
    assert CommitLog(layout.commits).state().number == 14


def test_an_idle_stream_goes_on_from_the_manifest(layout: LakeLayout, stage: StageBatch) -> None:
    """Commits were folded that it has never read."""
    with LakeWriter.open(layout, run_id="r1") as stream:
        stream.commit(stage(stream, 0, range(1, 11), end=10))
        land_elsewhere(layout, stage, Role.MAINTENANCE)
        assert CommitLog(layout.commits).folded() > 1
        stream.commit(stage(stream, 1, range(11, 21), end=20))
        assert stream.state.position == {0: 20}
    assert landed_ids(layout) == [*range(1, 21), *range(101, 203)]
    assert_log_is_whole(layout, newest=14)


def test_a_rival_whose_commits_are_folded_is_noticed(layout: LakeLayout, stage: StageBatch) -> None:
    """The manifest still knows the newest commit of each role."""
    with LakeWriter.open(layout, run_id="r1") as stream:
        stream.commit(stage(stream, 0, range(1, 11), end=10))
        land_elsewhere(layout, stage, Role.STREAM)
        with pytest.raises(WriterFenced, match="another stream"):
            stream.commit(stage(stream, 1, range(11, 21), end=20))


def test_a_start_continues_a_folded_log(layout: LakeLayout, stage: StageBatch) -> None:
    """Position, ids and number are those of all commits."""
    with LakeWriter.open(layout, run_id="r1") as stream:
        for number in range(6):
            first = 10 * number + 1
            stream.commit(stage(stream, number, range(first, first + 10), end=first + 9))
            fold_all(layout)
    with LakeWriter.open(layout, run_id="r2") as stream:
        assert (stream.state.number, stream.state.rows) == (6, 60)
        commit = stream.commit(stage(stream, 0, range(51, 66), end=75))
        assert (commit.rows, commit.duplicates_dropped) == (5, 10)
    assert_log_is_whole(layout, newest=7)
