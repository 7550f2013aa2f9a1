from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.errors import LakeDamaged
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit, DataFile, OffsetRange, Role
from lake.log.commit_log import CommitLog
from tests.unit.lake.conftest import SOURCE


def a_commit(number: int) -> Commit:
    """A commit that lands ten trades."""
    first = 10 * number
    return Commit(
        number=number,
        committed_at=datetime(2026, 1, 30, tzinfo=UTC),
        role=Role.STREAM,
        run_id="r1",
        source=SOURCE,
        offsets={0: OffsetRange(start=first, end=first + 10), 1: OffsetRange(start=5, end=5)},
        files=(
            DataFile(
                path=f"KRAKEN/p{number}",
                staged=f"s{number}",
                rows=10,
                bytes=1,
                symbol="BTC_USD",
                ids=((first, first + 9),),
            ),
        ),
    )


def a_log(folder: Path, commits: int) -> CommitLog:
    """A log of some commits."""
    log = CommitLog(folder)
    for number in range(1, commits + 1):
        log.append(a_commit(number))
    return log


def test_a_commit_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """JSON and back changes nothing."""
    assert a_log(tmp_path, 1).read(1) == a_commit(1)


def test_a_taken_number_is_not_written_over(tmp_path: Path) -> None:
    """The second writer of a number stops, and the first one's commit stays."""
    log = a_log(tmp_path, 2)
    other = a_commit(2).model_copy(update={"run_id": "r2"})
    assert not log.append(other)
    assert log.read(2) == a_commit(2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "00000000000000000001.json",
        "00000000000000000002.json",
    ]


def test_the_state_is_the_sum_of_all_commits(tmp_path: Path) -> None:
    """Position from the newest commit, trades and ids from all."""
    state = a_log(tmp_path, 3).state()
    assert (state.number, state.rows, state.source) == (3, 30, SOURCE)
    assert state.position == {0: 40, 1: 5}
    assert list(state.landed["BTC_USD"]) == [(10, 39)]


def test_a_saved_state_spares_reading_the_commits_before_it(tmp_path: Path) -> None:
    """With a summary the same state comes about though old commits are gone from disk."""
    log = a_log(tmp_path, 5)
    before = log.state()
    log.save_state(LogCheckpoint().apply_all(log.commits()))
    (tmp_path / "00000000000000000001.json").unlink()
    assert CommitLog(tmp_path).state() == before


def test_an_empty_log_is_an_empty_state(tmp_path: Path) -> None:
    """A lake that does not exist yet starts from nothing."""
    assert CommitLog(tmp_path / "none").state() == LogCheckpoint()


def test_a_missing_commit_in_the_middle_is_damage(tmp_path: Path) -> None:
    """Going on behind a hole would land what it held a second time."""
    log = a_log(tmp_path, 4)
    (tmp_path / "00000000000000000003.json").unlink()
    with pytest.raises(LakeDamaged, match="commit 3 is missing"):
        log.state()


def test_a_summary_beyond_the_log_is_damage(tmp_path: Path) -> None:
    """A log restored from an old copy beside a newer summary is reported."""
    log = a_log(tmp_path, 4)
    log.save_state(log.state())
    (tmp_path / "00000000000000000004.json").unlink()
    with pytest.raises(LakeDamaged, match="counts 4 commits"):
        log.state()


@pytest.mark.parametrize("content", [b"", b"{", b'{"number": 1}'])
def test_an_unreadable_commit_is_named(tmp_path: Path, content: bytes) -> None:
    """The error says which file to restore."""
    log = a_log(tmp_path, 1)
    (tmp_path / "00000000000000000001.json").write_bytes(content)
    with pytest.raises(LakeDamaged, match=r"0001\.json"):
        log.state()
