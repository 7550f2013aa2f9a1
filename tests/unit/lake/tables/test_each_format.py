"""A table follows the lake, from wherever it is: what is the same for every format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

import lake.tables.sync
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import Synced, sync
from lake.tables.table import LakeTable
from tests.unit.lake.lakes import compact, land
from tests.unit.lake.tables import following as delta
from tests.unit.lake.tables.following import KEEP_ALL
from tests.unit.lake.tables.iceberg import following as iceberg
from tests.unit.lake.tables.iceberg.places import PLACES, lake_in


@dataclass(frozen=True)
class Format:
    """A format's table.

    Attributes:
        table: what writes it.
        first: the number of its first version.
        assert_like_the_lake: holds it against the lake.
        place: where the lake is.
    """

    table: Callable[[LakeLayout], LakeTable]
    first: int
    assert_like_the_lake: Callable[[LakeLayout], None]
    place: str = "disk"

    def synced(self, layout: LakeLayout) -> Synced | None:
        """What a new process does."""
        return sync(layout, self.table(layout), KEEP_ALL)


FORMATS = {
    "delta": Format(DeltaTable, 0, delta.assert_like_the_lake),
    "delta in a store": Format(DeltaTable, 0, delta.assert_like_the_lake, "store"),
} | {
    f"iceberg, {place}": Format(iceberg.kept, 1, iceberg.assert_like_the_lake, place)
    for place in PLACES
}


@pytest.fixture(params=FORMATS)
def kept(request: pytest.FixtureRequest) -> Format:
    """The format under test."""
    return FORMATS[request.param]


@pytest.fixture
def layout(kept: Format, request: pytest.FixtureRequest) -> Iterator[LakeLayout]:
    """An empty lake where the format under test is."""
    with lake_in(kept.place, request) as empty:
        yield empty


def newest(layout: LakeLayout) -> int:
    """The lake's newest commit: in a store each start writes one that has no files."""
    return read_snapshot(layout).number


def test_a_table_begins_with_the_files_of_the_lake(layout: LakeLayout, kept: Format) -> None:
    """In its first version, whatever commits there were before."""
    land(layout, range(1, 11), range(11, 21))
    compact(layout)
    done = kept.synced(layout)
    assert done is not None
    reached = (done.position.version, done.position.commit, done.added)
    assert reached == (kept.first, newest(layout), 1)
    kept.assert_like_the_lake(layout)


def test_it_takes_in_what_is_new(layout: LakeLayout, kept: Format) -> None:
    """All commits since in one version; nothing, if there is none."""
    land(layout, range(1, 11))
    kept.synced(layout)
    before = newest(layout)
    land(layout, range(11, 21), range(21, 31))
    done = kept.synced(layout)
    assert done is not None
    changed = (done.position.version, done.commits, done.added, done.removed)
    assert changed == (kept.first + 1, newest(layout) - before, 2, 0)
    assert kept.synced(layout) is None
    kept.assert_like_the_lake(layout)


def test_commits_that_are_folded_away_are_made_up_for(layout: LakeLayout, kept: Format) -> None:
    """The table's files are compared with the lake's."""
    land(layout, range(1, 11))
    kept.synced(layout)
    for first in (11, 21):
        land(layout, range(first, first + 10))
        compact(layout)
        fold(layout, newest(layout), datetime.now(UTC) + timedelta(days=1))
    assert CommitLog(layout.commits).folded() > 1
    done = kept.synced(layout)
    assert done is not None
    # In a store, late trades of a closed hour make another file.
    files = 2 if layout.is_on_store else 1
    assert (done.commits, done.added, done.removed) == (None, files, 1)
    kept.assert_like_the_lake(layout)


def test_of_two_that_write_the_same_version_one_looks_again(
    layout: LakeLayout, kept: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the lock does not hold, no file is there twice."""
    land(layout, range(1, 11))
    slow = kept.table(layout)
    sync(layout, slow, KEEP_ALL)
    land(layout, range(11, 21))
    append, raced = slow.append, []

    def append_late(*arguments: object) -> object:
        if not raced:
            raced.append(lake.tables.sync._sync(layout, kept.table(layout)))
            land(layout, range(21, 31))
        return append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(slow, "append", append_late)
    done = sync(layout, slow, KEEP_ALL)
    assert done is not None
    reached = (done.position.version, done.position.commit, done.added)
    assert reached == (kept.first + 2, newest(layout), 1)
    kept.assert_like_the_lake(layout)
