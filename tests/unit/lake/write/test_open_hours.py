import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import lake.write.open_hours
import lake.write.replaced_files
from lake.errors import LakeBusy, LakeDamaged
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.storage.lock import writer_lock
from lake.verify.verification import verify
from lake.write.compaction import Compacted
from lake.write.merge_choice import MOST_FILES
from lake.write.open_hours import OpenHoursMerger
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import StageBatch, landed_ids
from tests.unit.lake.lakes import HOUR, compact, in_folder, land


class Killed(Exception):
    """Stands for the process ending at this very instruction."""


NOW = datetime(2026, 1, 30, 18, 30, tzinfo=UTC)
"""In the hour of `HOUR`."""
CLOSED_AFTER = timedelta(hours=1)
MANY = MOST_FILES + 5


@pytest.fixture
def busy(layout: LakeLayout) -> LakeLayout:
    """A lake of one open hour with too many files, of two trades each."""
    land(layout, *(range(2 * n + 1, 2 * n + 3) for n in range(MANY)))
    return layout


def merger(layout: LakeLayout) -> OpenHoursMerger:
    """What `python -m lake compact --open-hours` works with."""
    return OpenHoursMerger(layout, "zstd", CLOSED_AFTER)


def kept_aside(layout: LakeLayout) -> list[Path]:
    """The replaced files that are still under staging."""
    return list(layout.staging(Role.MAINTENANCE).rglob("part-*.parquet"))


@pytest.mark.usefixtures("any_file_system")
def test_small_files_of_an_open_hour_are_merged_until_few_are_left(busy: LakeLayout) -> None:
    """Every trade stays, sorted by id in the new file; a second round finds nothing to do."""
    rounds = merger(busy)
    (outcome,) = rounds.round(NOW)
    assert isinstance(outcome, Compacted)
    assert len(in_folder(busy)) == MANY - outcome.files + 1 <= MOST_FILES
    assert landed_ids(busy) == list(range(1, 2 * MANY + 1))
    newest = max(in_folder(busy))
    ids = pq.read_table(newest, partitioning=None)["trade_id"].to_pylist()
    assert len(ids) == outcome.trades
    assert ids == sorted(ids)
    assert verify(busy).holds
    assert list(rounds.round(NOW)) == []


def test_rounds_follow_what_stream_and_compaction_commit(busy: LakeLayout) -> None:
    """Files that arrive between two rounds count, and files that compaction removed do not."""
    rounds = merger(busy)
    list(rounds.round(NOW))
    compact(busy)
    last = 2 * MANY
    land(busy, *(range(last + n, last + n + 1) for n in range(1, MOST_FILES + 1)))
    (outcome,) = rounds.round(NOW)
    assert isinstance(outcome, Compacted)
    assert len(in_folder(busy)) <= MOST_FILES
    assert landed_ids(busy) == list(range(1, last + MOST_FILES + 1))
    assert verify(busy).holds


def test_an_hour_that_closed_is_left_to_compaction(busy: LakeLayout) -> None:
    """It closes an hour after its end; the two never work on the same hour."""
    before, then = (
        datetime(2026, 1, 30, 19, 59, tzinfo=UTC) + timedelta(minutes=n) for n in (0, 1)
    )
    assert list(merger(busy).round(then)) == []
    assert len(list(merger(busy).round(before))) == 1


def test_a_file_that_is_just_being_published_is_left_to_the_next_round(
    busy: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the log and not yet in its folder, which is no damage."""
    real = lake.write.open_hours.OpenHours.crowded

    def commit_first(*args: Any) -> Any:
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(lake.write.writer, "publish", interrupt)
            stream.commit(stage(stream, 0, [99], end=99))
        return real(*args)

    def interrupt(*_: object) -> None:
        raise Killed

    with LakeWriter.open(busy, run_id="r1") as stream:
        monkeypatch.setattr(lake.write.open_hours.OpenHours, "crowded", commit_first)
        (outcome,) = merger(busy).round(NOW)
    assert isinstance(outcome, Compacted)
    assert landed_ids(busy) == [*range(1, 2 * MANY + 1), 99]


def test_a_damaged_file_is_named_once_and_other_folders_are_merged(busy: LakeLayout) -> None:
    """Its folder stays as it is; later rounds do not read it again."""
    other = HOUR.replace("BTC", "ETH")
    land(busy, *(range(n, n + 1) for n in range(1, MANY + 1)), folder=other)
    in_folder(busy)[0].write_bytes(b"PAR1 no more")
    rounds = merger(busy)
    outcomes = list(rounds.round(NOW))
    assert {type(outcome) for outcome in outcomes} == {LakeDamaged, Compacted}
    assert len(in_folder(busy)) == MANY
    assert list(rounds.round(NOW)) == []


def test_a_long_round_gives_the_role_back_and_leaves_folders_to_the_next(
    busy: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nobody who waits for the role waits for many folders."""
    other = HOUR.replace("BTC", "ETH")
    land(busy, *(range(n, n + 1) for n in range(1, MANY + 1)), folder=other)
    monkeypatch.setattr(lake.write.open_hours, "_ROUND_AT_MOST", 0.0)
    rounds = merger(busy)
    assert [len(list(rounds.round(NOW))) for _ in range(3)] == [1, 1, 0]


def test_a_round_beside_another_maintenance_is_refused(
    busy: LakeLayout,
) -> None:
    """The role has one process at a time; nothing is touched."""
    with (
        writer_lock(busy.lock_file(Role.MAINTENANCE)),
        pytest.raises(LakeBusy, match="maintenance"),
    ):
        list(merger(busy).round(NOW))
    assert len(in_folder(busy)) == MANY


def test_replaced_files_outlive_rounds_and_kills_for_a_minute(busy: LakeLayout) -> None:
    """Whoever starts next keeps them while readers may be listing them, and drops older ones."""
    (outcome,) = merger(busy).round(NOW)
    assert isinstance(outcome, Compacted)
    replaced = kept_aside(busy)
    assert len(replaced) == MANY, "the old folder with all its files"
    with LakeWriter.open(busy, run_id="after a kill", role=Role.MAINTENANCE):
        assert kept_aside(busy) == replaced
    long_ago = time.time() - lake.write.replaced_files.READERS_GRACE - 1
    for folder in busy.staging(Role.MAINTENANCE).glob("**/"):
        os.utime(folder, (long_ago, long_ago))
    assert list(merger(busy).round(NOW)) == []
    assert not list(busy.staging(Role.MAINTENANCE).iterdir())
