"""The log of a Delta table: checkpoints, old versions, and the version of a commit."""

from datetime import datetime, timedelta

import pytest

from lake.errors import TableDamaged
from lake.layout import LakeLayout, folder_of
from lake.log.snapshot import read_snapshot
from lake.tables.delta.table import DeltaTable
from tests.unit.lake.lakes import AT, compact, land
from tests.unit.lake.tables.following import (
    DROP_OLD,
    KEEP_ALL,
    assert_like_the_lake,
    log,
    log_names,
    synced,
)
from tests.unit.lake.tables.places import layout

__all__ = ["layout"]


@pytest.fixture
def short_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every third version."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 3)


def grow(layout: LakeLayout, versions: int, keep_from: datetime) -> None:
    """Land and merge so often, each of them a version."""
    for number in range(versions):
        first = 10 * read_snapshot(layout).number + 1
        at = AT + timedelta(hours=number % 2)
        land(layout, range(first, first + 10), folder=folder_of(at, "BTC/USD"), at=at)
        compact(layout)
        synced(layout, keep_from)


@pytest.mark.usefixtures("short_interval")
def test_a_checkpoint_says_what_the_versions_say(layout: LakeLayout) -> None:
    """The table is the same without the versions before it."""
    grow(layout, 8, KEEP_ALL)
    assert (log(layout) / "_last_checkpoint").exists()
    assert_like_the_lake(layout)
    for number in range(6):
        (log(layout) / f"{number:020d}.json").unlink()
    assert_like_the_lake(layout)
    land(layout, range(1_001, 1_011))
    assert synced(layout) is not None
    assert_like_the_lake(layout)


@pytest.mark.usefixtures("short_interval")
def test_old_versions_are_dropped(layout: LakeLayout) -> None:
    """All that are older than the last checkpoint but one, and nothing else."""
    grow(layout, 12, DROP_OLD)
    assert log_names(layout, ".json") == [f"{number:020d}.json" for number in range(8, 12)]
    assert len(log_names(layout, ".checkpoint.parquet")) == 2
    assert_like_the_lake(layout)


@pytest.mark.usefixtures("short_interval")
def test_a_damaged_checkpoint_is_named(layout: LakeLayout) -> None:
    """With the command that mends it."""
    grow(layout, 4, KEEP_ALL)
    newest = log_names(layout, ".checkpoint.parquet")[-1]
    (log(layout) / newest).write_bytes(b"no Parquet")
    with pytest.raises(TableDamaged, match="--rebuild"):
        synced(layout)


def test_what_is_half_written_is_no_version(layout: LakeLayout) -> None:
    """A killed process leaves files whose names begin with a dot."""
    land(layout, range(1, 11))
    synced(layout)
    (log(layout) / f".{1:020d}.json.0123456789abcdef").write_bytes(b"{")
    land(layout, range(11, 21))
    assert synced(layout) is not None
    assert_like_the_lake(layout)


def test_a_version_is_found_by_a_commit(layout: LakeLayout) -> None:
    """The newest that holds nothing later, and what it holds."""
    held = []
    for first in (1, 21, 41):
        land(layout, range(first, first + 10), range(first + 10, first + 20))
        synced(layout)
        held.append(read_snapshot(layout).number)
    table = DeltaTable(layout)
    found = [table.version_at(commit) for commit in (1, held[0], held[0] + 1, held[1], 99)]
    assert [(one.version, one.commit) if one else None for one in found] == [
        None,
        (0, held[0]),
        (0, held[0]),
        (1, held[1]),
        (2, held[2]),
    ]
