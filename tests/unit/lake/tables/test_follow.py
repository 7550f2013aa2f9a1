"""When a table that is kept up to date is brought up to date."""

from datetime import UTC, datetime, timedelta

import pytest

from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.tables.delta.table import DeltaTable
from lake.tables.follow import LOOK_EVERY, Pace
from lake.tables.lag import lag_of
from lake.tables.sync import sync
from tests.unit.lake.lakes import compact, land

LONG = 3_600.0
NOW = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def pace(layout: LakeLayout) -> Pace:
    """Of a table that holds commit 1 of the lake, and is due in an hour."""
    land(layout, range(1, 11))
    made = Pace(CommitLog(layout.commits), LONG)
    made.synced(1)
    return made


def test_the_first_look_is_a_sync(layout: LakeLayout) -> None:
    """Whatever happened while nobody looked."""
    assert Pace(CommitLog(layout.commits), LONG).is_due()


def test_new_files_wait_for_their_time(layout: LakeLayout, pace: Pace) -> None:
    """A reader merely does not see them yet."""
    land(layout, range(11, 21), range(21, 31))
    assert not pace.is_due()
    pace._next = 0.0
    assert pace.is_due()


def test_new_files_wait_for_the_interval_at_most(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look would be too late."""
    land(layout, range(1, 11))
    pace = Pace(CommitLog(layout.commits), 1.0)
    clock = iter([100.0, 100.0 + 0.99 - LOOK_EVERY, 101.0 - LOOK_EVERY])
    monkeypatch.setattr("lake.tables.follow.time.monotonic", lambda: next(clock))
    pace.synced(1)
    assert not pace.is_due()
    assert pace.is_due()


def test_a_merge_does_not_wait(layout: LakeLayout, pace: Pace) -> None:
    """The table names files that are gone, until it is brought up to date."""
    land(layout, range(11, 21))
    compact(layout)
    assert pace.is_due()
    pace.synced(3)
    assert not pace.is_due()


def test_a_merge_that_is_not_in_place_yet_is_looked_at_again(
    layout: LakeLayout, pace: Pace
) -> None:
    """The sync has to leave it out for a moment."""
    land(layout, range(11, 21))
    compact(layout)
    assert pace.is_due()
    pace.synced(2)
    assert pace.is_due()


def test_folded_commits_may_have_been_merges(layout: LakeLayout, pace: Pace) -> None:
    """Nobody knows any more, so the table is brought up to date at once."""
    land(layout, range(11, 21), range(21, 31))
    for newest in (2, 3):
        fold(layout, newest, datetime.now(UTC) + timedelta(days=1))
    assert pace.is_due()
    pace.synced(3)
    assert not pace.is_due()


def test_lag_counts_commits_and_their_age(layout: LakeLayout) -> None:
    """From the oldest commit that the table lacks; none of it without a lag."""
    log, table = CommitLog(layout.commits), DeltaTable(layout)
    land(layout, range(1, 11))
    sync(layout, table, NOW)
    land(layout, range(11, 21), range(21, 31))
    missing = log.read(2)
    assert missing is not None
    later = missing.committed_at + timedelta(seconds=7)
    lag = lag_of(table, log, 3, later)
    assert (lag.commits, lag.seconds) == (2, 7.0)
    sync(layout, table, NOW)
    lag = lag_of(table, log, 3, later)
    assert (lag.commits, lag.seconds) == (0, 0.0)


def test_a_table_that_is_not_there_lacks_everything(layout: LakeLayout) -> None:
    """All commits, since the oldest that is kept."""
    log = CommitLog(layout.commits)
    land(layout, range(1, 11), range(11, 21), range(21, 31))
    for newest in (2, 3):
        fold(layout, newest, datetime.now(UTC) + timedelta(days=1))
    oldest = log.read(log.folded() + 1)
    assert oldest is not None
    lag = lag_of(DeltaTable(layout), log, 3, oldest.committed_at + timedelta(seconds=5))
    assert (lag.position, lag.commits, lag.seconds) == (None, 3, 5.0)
