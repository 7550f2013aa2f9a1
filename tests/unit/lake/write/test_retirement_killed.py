from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.verify.result import ProblemKind
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import landed_ids
from tests.unit.lake.killing import Killed, kill_at
from tests.unit.lake.lakes import AT, kinds
from tests.unit.lake.retiring import lake_of_hours, prove, retire

TWO_HOURS = AT.replace(hour=17)


@pytest.fixture
def proved(layout: LakeLayout) -> LakeLayout:
    """Hours 15 to 18 with ids 1 to 80, proved."""
    lake_of_hours(layout, 15, 16, 17, 18)
    return layout


@contextmanager
def killed(point: str) -> Iterator[None]:
    """End at a call of a function: before it, or `:after` it."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        kill_at(patch, point)
        yield


BEFORE_THE_COMMIT = [
    "lake.write.retirement.write_retired:1:after",
    "lake.write.writer.describe:1:after",
    "lake.log.commit_log.create_exclusively:1",
]
AFTER_THE_COMMIT = [
    "lake.log.commit_log.create_exclusively:1:after",
    "lake.write.writer.publish:2",
    "lake.write.retired_files._unlink:1",
    "lake.write.retired_files._unlink:1:after",
    "lake.write.retired_files._remove_empty:1",
    "lake.write.retired_files._remove_empty:2:after",
    "lake.write.publishing.link:1",
    "lake.write.publishing.link:1:after",
    "lake.write.writer.publish:2:after",
]


@pytest.mark.parametrize("point", BEFORE_THE_COMMIT)
def test_killed_before_the_commit_nothing_has_happened(proved: LakeLayout, point: str) -> None:
    """The next run retires the same hours."""
    with killed(point):
        retire(proved, TWO_HOURS)
    assert landed_ids(proved) == list(range(1, 81))
    assert prove(proved).problems == ()
    retire(proved, TWO_HOURS)
    assert landed_ids(proved) == list(range(41, 81))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("point", AFTER_THE_COMMIT)
def test_killed_after_the_commit_the_next_writer_removes_the_rest(
    proved: LakeLayout, point: str, role: Role
) -> None:
    """Of either role; what a reader lists meanwhile is there once or gone."""
    with killed(point):
        retire(proved, TWO_HOURS)
    seen = landed_ids(proved)
    assert len(seen) == len(set(seen))
    assert set(range(41, 81)) <= set(seen) <= set(range(1, 81))
    with LakeWriter.open(proved, run_id="next", role=role):
        pass
    assert landed_ids(proved) == list(range(41, 81))
    assert CommitLog(proved.commits).state().retired != {}
    assert prove(proved).problems == ()


def test_verify_calls_a_killed_retirement_unfinished(
    proved: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not files that no commit names: starting a writer finishes it."""
    monkeypatch.setattr("lake.verify.checks.lake_files_check._PUBLISHING_PATIENCE", 0)
    with killed("lake.write.retired_files._unlink:1:after"):
        retire(proved, TWO_HOURS)
    assert kinds(proved) == {ProblemKind.UNFINISHED}
