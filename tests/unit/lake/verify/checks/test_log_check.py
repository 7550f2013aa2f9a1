import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.log.commit import CommitRange, LeftOut, Role
from lake.log.commit_log import SUMMARY, CommitLog
from lake.log.folding import fold
from lake.log.snapshot import SAVED_AS, read_snapshot, save_snapshot
from lake.verify.checks.log_check import check_log
from lake.verify.result import ProblemKind
from tests.unit.lake.log.test_commit_log import a_commit, a_log


@pytest.fixture
def logged(layout: LakeLayout) -> LakeLayout:
    """A lake with a log of five commits, and both summaries beside it."""
    log = a_log(layout.commits, 5)
    log.save_state(log.state())
    save_snapshot(layout, read_snapshot(layout))
    return layout


def path_of(layout: LakeLayout, number: int) -> Path:
    """A commit's file."""
    return CommitLog(layout.commits).path(number)


def found(layout: LakeLayout) -> list[tuple[ProblemKind, str]]:
    """What is wrong, and with which file."""
    return [(one.kind, Path(one.where).name) for one in check_log(layout).problems]


def test_a_whole_log_adds_up_to_its_summaries(logged: LakeLayout) -> None:
    """Nothing is wrong, and the files are those of all commits."""
    audit = check_log(logged)
    assert audit.problems == []
    assert audit.newest == CommitLog(logged.commits).read(5)
    assert audit.snapshot == read_snapshot(logged)


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_missing_commit_is_named_though_a_summary_has_it(logged: LakeLayout, number: int) -> None:
    """The first, one between and the last: a start would not miss them."""
    path_of(logged, number).unlink()
    assert found(logged) == [(ProblemKind.MISSING_COMMIT, path_of(logged, number).name)]


def test_a_missing_commit_leaves_the_others_to_be_looked_at(logged: LakeLayout) -> None:
    """What they landed is known, what it landed is not."""
    path_of(logged, 2).unlink()
    assert set(check_log(logged).snapshot.files) == {f"KRAKEN/p{n}" for n in (1, 3, 4, 5)}


def test_an_unreadable_commit_is_named(logged: LakeLayout) -> None:
    """Half a file, or another commit under its name."""
    path_of(logged, 2).write_text("{")
    path_of(logged, 4).write_bytes(path_of(logged, 3).read_bytes())
    unreadable = ProblemKind.UNREADABLE_COMMIT
    assert found(logged) == [(unreadable, path_of(logged, n).name) for n in (2, 4)]


@pytest.mark.parametrize("name", [SUMMARY, SAVED_AS])
def test_a_summary_that_is_not_the_sum_is_named(logged: LakeLayout, name: str) -> None:
    """A start would go by it, and land trades twice or not at all."""
    path = logged.commits / name
    record = json.loads(path.read_bytes())
    record["landed" if name == SUMMARY else "files"] = {}
    path.write_text(json.dumps(record))
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, name)]


def test_an_unreadable_summary_is_named(logged: LakeLayout) -> None:
    """The log itself is whole."""
    (logged.commits / SUMMARY).write_text("{")
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, SUMMARY)]


LONG_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def fold_twice(layout: LakeLayout) -> CommitLog:
    """Folds at commits 3 and 4 of 5: those up to 3 are gone."""
    for number in (3, 4):
        fold(layout, number, datetime.now(UTC))
    return CommitLog(layout.commits)


def test_a_folded_log_adds_up(logged: LakeLayout) -> None:
    """The files are those of all commits, with or without the commits that are kept."""
    whole = check_log(logged)
    fold_twice(logged)
    for full in (False, True):
        audit = check_log(logged, full=full)
        assert audit.problems == []
        assert (audit.newest, audit.snapshot) == (whole.newest, whole.snapshot)


def test_the_newest_commit_is_known_when_a_manifest_has_it(logged: LakeLayout) -> None:
    """A fold keeps its file."""
    fold(logged, 5, datetime.now(UTC))
    assert check_log(logged).newest == CommitLog(logged.commits).read(5)


@pytest.mark.parametrize("number", [4, 5])
def test_a_missing_commit_that_is_not_folded_is_named(logged: LakeLayout, number: int) -> None:
    """Although a manifest has it, the newest one included."""
    for up_to in (3, 5):
        fold(logged, up_to, datetime.now(UTC))
    (logged.commits / SUMMARY).unlink()
    path_of(logged, number).unlink()
    assert found(logged) == [(ProblemKind.MISSING_COMMIT, path_of(logged, number).name)]


def test_a_missing_commit_between_is_named_though_a_manifest_has_it(logged: LakeLayout) -> None:
    """It is kept for those who ask for it, and nobody but a fold may remove it."""
    for number in (2, 4, 5):
        fold(logged, number, LONG_BEFORE)
    path_of(logged, 3).unlink()
    assert found(logged) == [(ProblemKind.MISSING_COMMIT, path_of(logged, 3).name)]


def test_only_a_full_check_reads_what_both_manifests_have(logged: LakeLayout) -> None:
    """A damaged commit there changes nothing but what is known of long ago."""
    for number in (4, 5):
        fold(logged, number, LONG_BEFORE)
    path_of(logged, 2).write_text("{")
    assert found(logged) == []
    (problem,) = check_log(logged, full=True).problems
    assert problem.kind is ProblemKind.UNREADABLE_COMMIT


@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_manifest_is_named(logged: LakeLayout, which: int) -> None:
    """The other one is enough to know the files."""
    whole = check_log(logged).snapshot
    log = fold_twice(logged)
    path = log.manifests.path(log.manifests.names()[which])
    path.write_bytes(path.read_bytes()[:-20])
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, path.name)]
    assert check_log(logged).snapshot == whole


def test_a_manifest_that_is_not_what_the_commits_result_in_is_named(logged: LakeLayout) -> None:
    """Every reader would go by it, and what it forgets would be lost."""
    log = fold_twice(logged)
    name = log.manifests.names()[-1]
    manifest = log.manifests.read(name)
    manifest.snapshot.files.popitem()
    log.manifests.save(manifest, name.folded)
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, str(name))]


def test_a_log_without_a_whole_manifest_is_damaged(logged: LakeLayout) -> None:
    """What the folded commits landed is unknown then."""
    log = fold_twice(logged)
    for name in log.manifests.names():
        log.manifests.path(name).write_bytes(b"")
    assert {kind for kind, _ in found(logged)} == {ProblemKind.WRONG_SUMMARY}


def test_fields_left_out_are_named_after_a_fold_too(logged: LakeLayout) -> None:
    """With the command that still repairs them; once read again, they are no problem any more."""
    log = CommitLog(logged.commits)
    left_out = (LeftOut(schema_id=7, fields=("note",)),)
    replayed = {"left_out": left_out, "role": Role.MAINTENANCE}
    log.append(a_commit(6).model_copy(update={"left_out": left_out}))
    log.append(a_commit(7).model_copy(update=replayed))
    for number in (6, 7):
        log.append(a_commit(number + 2))
        fold(logged, number + 2, datetime.now(UTC))
    assert log.folded() == 8
    streamed, by_replay = check_log(logged).problems
    assert "--from-commit 6 --to-commit 6" in streamed.advice
    assert "--from-commit 7 --to-commit 7" in by_replay.advice
    again = {"reread": CommitRange(first=6, last=7)}
    log.append(a_commit(10).model_copy(update=again))
    assert check_log(logged).problems == []
    fold(logged, 10, datetime.now(UTC))
    assert not path_of(logged, 6).exists()
    assert check_log(logged).problems == []


def test_a_fold_while_the_log_is_read_is_no_missing_commit(
    logged: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It removes what both manifests have, before the commits are listed."""
    fold(logged, 3, LONG_BEFORE)
    listed = CommitLog.numbers

    def fold_before(log: CommitLog) -> list[int]:
        if log.folded() == 0:
            fold(logged, 4, datetime.now(UTC))
            assert log.folded() == 3
        return listed(log)

    monkeypatch.setattr(CommitLog, "numbers", fold_before)
    assert check_log(logged).problems == []
