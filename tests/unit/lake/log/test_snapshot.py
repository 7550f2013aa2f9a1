from pathlib import Path

import duckdb
import pytest

import lake
from lake.errors import LakeDamaged, LakeMissing
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.snapshot import Snapshot, read_snapshot, save_snapshot
from tests.unit.lake.lakes import land


@pytest.fixture
def filled(layout: LakeLayout) -> LakeLayout:
    """A lake of two commits, a file each."""
    land(layout, range(1, 101), range(101, 151))
    return layout


def test_a_snapshot_is_the_lake_as_it_was(filled: LakeLayout) -> None:
    """At any commit, or now."""
    assert [file.rows for file in read_snapshot(filled, at=1).files.values()] == [100]
    assert [file.rows for file in read_snapshot(filled).files.values()] == [100, 50]


def test_an_empty_lake_has_no_files(layout: LakeLayout) -> None:
    """A lake that does not exist yet is read as well."""
    assert read_snapshot(layout) == Snapshot()
    assert lake.files(layout) == []


def test_a_saved_snapshot_spares_reading_the_commits_before_it(filled: LakeLayout) -> None:
    """What comes later is added to it, and a lake from before is still read from the commits."""
    before = read_snapshot(filled)
    save_snapshot(filled, before)
    land(filled, range(151, 152))
    (filled.commits / "00000000000000000001.json").unlink()
    now = read_snapshot(filled)
    assert now.number == 3
    assert [file.rows for file in now.files.values()] == [100, 50, 1]
    assert read_snapshot(filled, at=2) == before


@pytest.mark.parametrize("content", ["", "{", '{"number": 7}'])
def test_a_saved_snapshot_that_cannot_be_true_is_not_used(filled: LakeLayout, content: str) -> None:
    """The commits decide: one that is broken, or counts more commits than there are, is passed."""
    whole = read_snapshot(filled)
    (filled.commits / "_snapshot.json").write_text(content)
    assert read_snapshot(filled) == whole


def test_an_unreadable_commit_is_reported(filled: LakeLayout) -> None:
    """A list of files that leaves some out would be a lie."""
    (filled.commits / "00000000000000000002.json").write_text("{")
    with pytest.raises(LakeDamaged, match="0002"):
        lake.files(filled)


def test_a_reader_takes_the_list_as_it_is(filled: LakeLayout) -> None:
    """Full paths, for DuckDB and all others; a file that no commit names is not in it."""
    listed = lake.files(filled)
    Path(listed[0]).with_name("part-stray.parquet").write_bytes(Path(listed[0]).read_bytes())
    (row,) = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [lake.files(filled)]).fetchall()
    assert row == (150,)


def test_a_commit_that_is_being_published_is_not_listed(filled: LakeLayout) -> None:
    """Its files are on their way; the list is of files that are there."""
    before = lake.files(filled)
    commit = CommitLog(filled.commits).read(2)
    assert commit is not None
    for file in commit.files:
        staged = filled.base / file.staged
        staged.parent.mkdir(parents=True, exist_ok=True)
        (filled.base / file.path).rename(staged)
    assert lake.files(filled) == before[:1]
    assert lake.files(filled, at=2) == before


def test_a_commit_that_never_was_is_reported(filled: LakeLayout) -> None:
    """Today's lake in its place would be a lie."""
    with pytest.raises(LakeMissing, match="no commit 3; the newest is 2"):
        lake.files(filled, at=3)
