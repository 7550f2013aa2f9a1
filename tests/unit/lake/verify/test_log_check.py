import json
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.log.commit_log import SUMMARY, CommitLog
from lake.log.snapshot import SAVED_AS, read_snapshot, save_snapshot
from lake.verify.log_check import check_log
from lake.verify.result import ProblemKind
from tests.unit.lake.log.test_commit_log import a_log


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
    told = json.loads(path.read_bytes())
    told["landed" if name == SUMMARY else "files"] = {}
    path.write_text(json.dumps(told))
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, name)]


def test_an_unreadable_summary_is_named(logged: LakeLayout) -> None:
    """The log itself is whole."""
    (logged.commits / SUMMARY).write_text("{")
    assert found(logged) == [(ProblemKind.WRONG_SUMMARY, SUMMARY)]
