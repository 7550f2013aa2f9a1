from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake.errors import CommitsFolded, LakeDamaged, LakeMissing, WriterFenced
from lake.layout import LakeLayout
from lake.log.commit import CommitRange, LeftOut, Role
from lake.log.commit_log import CommitLog
from lake.log.folded_commits import commits_in, newest_time
from lake.log.folding import fold
from lake.log.manifest import Manifest
from lake.log.snapshot import files, read_snapshot
from tests.unit.lake.log.test_commit_log import a_commit

AT = datetime(2026, 1, 30, tzinfo=UTC)
NOW = AT + timedelta(days=2)


def append(layout: LakeLayout, numbers: Iterable[int]) -> None:
    """Commits that land ten trades each, a minute after the one before."""
    log = CommitLog(layout.commits)
    for number in numbers:
        at = AT + timedelta(minutes=number)
        assert log.append(a_commit(number).model_copy(update={"committed_at": at}))


def on_disk(layout: LakeLayout) -> list[int]:
    """The commits whose files are there."""
    return sorted(int(path.stem) for path in layout.commits.glob("0*.json"))


def fold_at(layout: LakeLayout, *numbers: int, older_than: datetime = NOW) -> None:
    """Folds, each up to one of the numbers."""
    for number in numbers:
        fold(layout, number, older_than)


@pytest.fixture
def folded(layout: LakeLayout) -> LakeLayout:
    """A log of eight commits: those up to 3 are gone, manifests are as of 3 and of 6."""
    append(layout, range(1, 9))
    fold_at(layout, 3, 6)
    return layout


def test_what_the_manifest_before_has_too_is_removed(folded: LakeLayout) -> None:
    """The first fold removes nothing, and the second what the first one has."""
    assert on_disk(folded) == [4, 5, 6, 7, 8]
    assert [name.number for name in CommitLog(folded.commits).manifests.names()] == [3, 6]
    append(folded, range(9, 11))
    fold_at(folded, 10)
    assert on_disk(folded) == [7, 8, 9, 10]
    assert [name.number for name in CommitLog(folded.commits).manifests.names()] == [6, 10]


def test_commits_are_kept_for_as_long_as_they_may_be_asked_for(layout: LakeLayout) -> None:
    """Only those from before the time that is given are removed."""
    append(layout, range(1, 9))
    fold_at(layout, 6, 8, older_than=AT + timedelta(minutes=4))
    assert on_disk(layout) == [4, 5, 6, 7, 8]


def test_a_fold_without_a_new_commit_changes_nothing(folded: LakeLayout) -> None:
    """An idle lake that is compacted every hour keeps two manifests and its newest commit."""
    fold_at(folded, 8, 8, 8)
    assert on_disk(folded) == [7, 8]
    assert [name.number for name in CommitLog(folded.commits).manifests.names()] == [6, 8]


def test_the_state_and_the_files_are_those_of_all_commits(tmp_path: Path) -> None:
    """Folded at any number: nothing is lost, and nothing changes."""
    whole = LakeLayout(tmp_path / "whole", "KRAKEN")
    append(whole, range(1, 9))
    for number in range(2, 9):
        layout = LakeLayout(tmp_path / f"{number}", "KRAKEN")
        append(layout, range(1, 9))
        fold_at(layout, number - 1, number)
        assert CommitLog(layout.commits).state() == CommitLog(whole.commits).state()
        assert read_snapshot(layout) == read_snapshot(whole)
        for at in range(number - 1, 9):
            assert read_snapshot(layout, at=at) == read_snapshot(whole, at=at)


def test_a_lost_state_is_taken_from_the_manifest(folded: LakeLayout) -> None:
    """A power cut may bring an older one back, or none: the commits before are gone."""
    state = CommitLog(folded.commits).state()
    (folded.commits / "_state.json").unlink()
    assert CommitLog(folded.commits).state() == state


def test_a_lake_of_long_ago_is_refused(folded: LakeLayout) -> None:
    """The message says from which commit on it is known."""
    with pytest.raises(CommitsFolded, match="Ask for commit 3 or a later one"):
        files(folded, at=2)
    assert len(files(folded, at=3)) == 3


def test_folded_commits_are_no_end_of_the_log(folded: LakeLayout) -> None:
    """Who needs each of them gets an error, not fewer commits than there were."""
    log = CommitLog(folded.commits)
    with pytest.raises(CommitsFolded):
        list(log.commits())
    assert [commit.number for commit in log.commits(after=3)] == [4, 5, 6, 7, 8]


def test_a_reader_that_is_overtaken_by_folds_does_not_miss_the_end(folded: LakeLayout) -> None:
    """The commits it was about to read vanish: it gets an error, and can start again."""
    reading = CommitLog(folded.commits).commits(after=4)
    assert next(reading).number == 5
    fold_at(folded, 8)
    append(folded, [9])
    fold_at(folded, 9)
    with pytest.raises(CommitsFolded):
        list(reading)


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_the_manifest_before_stands_in_for_a_damaged_one(
    folded: LakeLayout, damage: bytes | None
) -> None:
    """With the commits since it gives the same, and the next fold replaces the damaged one."""
    log, expected = CommitLog(folded.commits), read_snapshot(folded)
    newest = log.manifests.path(log.manifests.names()[-1])
    content = newest.read_bytes()
    middle = content.index(b"left_out")  # of the header; not every byte of a footer matters
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    newest.write_bytes(flipped if damage is None else damage)
    (folded.commits / "_state.json").unlink()
    assert read_snapshot(folded) == expected
    assert log.state().rows == 80
    fold_at(folded, 8)
    assert [name.number for name in log.manifests.names()] == [3, 8]
    assert log.folded() == 3
    assert read_snapshot(folded) == expected


def test_any_flipped_byte_of_a_manifest_is_found_or_harmless(folded: LakeLayout) -> None:
    """No byte can change what is read without an error."""
    log = CommitLog(folded.commits)
    name = log.manifests.names()[-1]
    path, whole = log.manifests.path(name), log.manifests.read(name)
    content = path.read_bytes()
    for at in range(0, len(content), max(1, len(content) // 300)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            assert log.manifests.read(name) == whole
        except LakeDamaged:
            continue


def test_without_a_whole_manifest_the_snapshot_of_earlier_versions_helps(
    folded: LakeLayout,
) -> None:
    """A fold writes the same files as JSON; without that, too, it says what is damaged."""
    log, expected = CommitLog(folded.commits), read_snapshot(folded)
    for name in log.manifests.names():
        log.manifests.path(name).write_bytes(b"")
    assert read_snapshot(folded) == expected
    (folded.commits / "_snapshot.json").unlink()
    with pytest.raises(LakeDamaged, match="is damaged"):
        read_snapshot(folded)


def test_a_log_that_has_lost_a_commit_is_not_folded(layout: LakeLayout) -> None:
    """Folding would hide the loss for good."""
    append(layout, range(1, 6))
    CommitLog(layout.commits).path(2).unlink()
    with pytest.raises(LakeDamaged, match="commit 2 is missing"):
        fold_at(layout, 5)
    assert on_disk(layout) == [1, 3, 4, 5]
    assert CommitLog(layout.commits).manifests.names() == []


@pytest.mark.parametrize("number", [4, 6, 7])
def test_a_lost_commit_after_the_folded_ones_is_damage(folded: LakeLayout, number: int) -> None:
    """A start that has to read it refuses the log."""
    CommitLog(folded.commits).path(number).unlink()
    (folded.commits / "_state.json").unlink()
    if number > 6:
        with pytest.raises(LakeDamaged, match="commit 7 is missing"):
            CommitLog(folded.commits).state()
    else:
        # Not read by a start, since the manifest has it; `verify` names it.
        assert CommitLog(folded.commits).state().number == 8


def test_the_number_of_a_folded_commit_is_taken(folded: LakeLayout) -> None:
    """Its name is free again, but the file of a writer that slept does not count."""
    log, before = CommitLog(folded.commits), read_snapshot(folded)
    stale = a_commit(2).model_copy(update={"run_id": "asleep", "role": Role.MAINTENANCE})
    assert not log.append(stale)
    assert log.numbers() == [4, 5, 6, 7, 8]
    assert log.state().number == 8
    assert read_snapshot(folded) == before
    fold_at(folded, 8)
    assert on_disk(folded) == [7, 8]


def test_the_marker_never_goes_back(folded: LakeLayout) -> None:
    """A maintenance process that slept may still write its manifest: an older one than there is."""
    log = CommitLog(folded.commits)
    fold_at(folded, 8)
    log.manifests.save(Manifest(), 0)
    assert log.folded() == 6
    newest = log.manifests.newest()
    assert newest is not None
    assert newest.number == 8
    with pytest.raises(WriterFenced, match="beyond commit 7"):
        fold_at(folded, 7)


def test_commits_that_left_fields_out_are_kept_until_they_are_read_again(
    layout: LakeLayout,
) -> None:
    """Reading them again needs their offsets and ids; others are named as folded."""
    log = CommitLog(layout.commits)
    left_out = (LeftOut(schema_id=7, fields=("note",)),)
    for number in range(1, 7):
        update = {"left_out": left_out} if number in {2, 3} else {}
        log.append(a_commit(number).model_copy(update=update))
    fold_at(layout, 4, 6)
    assert on_disk(layout) == [2, 3, 5, 6]
    assert [one.number for one in commits_in(log, CommitRange(first=2, last=3))] == [2, 3]
    with pytest.raises(LakeMissing, match="commit 4 is folded"):
        list(commits_in(log, CommitRange(first=2, last=5)))
    reread = {"reread": CommitRange(first=2, last=3)}
    log.append(a_commit(7).model_copy(update=reread))
    fold_at(layout, 7)
    assert on_disk(layout) == [7]


def test_the_time_of_a_roles_newest_commit_outlives_its_file(folded: LakeLayout) -> None:
    """A stream that has stood still for long is still known to have committed, and when."""
    log = CommitLog(folded.commits)
    assert newest_time(log, Role.STREAM, 8) == AT + timedelta(minutes=8)
    for number in range(9, 13):
        log.append(a_commit(number).model_copy(update={"role": Role.MAINTENANCE}))
    fold_at(folded, 10, 12)
    assert on_disk(folded) == [11, 12]
    assert newest_time(log, Role.STREAM, 12) == AT + timedelta(minutes=8)
