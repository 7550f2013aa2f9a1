import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

import lake.storage.local_files
from lake.errors import SnapshotGone
from lake.layout import LakeLayout
from lake.log.commit import Commit, OffsetRange, Role
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.retirement_file import read_retired
from lake.log.snapshot import files, read_snapshot
from lake.verify.references import References
from lake.verify.result import ProblemKind
from lake.write.batch import Batch
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import landed_ids
from tests.unit.lake.lakes import AT, SOURCE, compact, kinds, write
from tests.unit.lake.retiring import lake_of_hours, land_hour, of_hour, prove, retire

TWO_HOURS = AT.replace(hour=17)


@pytest.fixture
def proved(layout: LakeLayout) -> LakeLayout:
    """Hours 15 to 18 with ids 1 to 80, proved."""
    lake_of_hours(layout, 15, 16, 17, 18)
    return layout


@pytest.fixture
def retired(proved: LakeLayout) -> LakeLayout:
    """The same, and hours 15 and 16 with ids 1 to 40 are retired."""
    retire(proved, TWO_HOURS)
    return proved


def newest(layout: LakeLayout) -> Commit:
    """The newest commit."""
    log = CommitLog(layout.commits)
    commit = log.read(log.state().number)
    assert commit is not None
    return commit


def fold_all(layout: LakeLayout) -> None:
    """Folds the log, and keeps no commit longer than it has to be kept."""
    with LakeWriter.open(layout, run_id="m3", role=Role.MAINTENANCE) as writer:
        fold(layout, writer.settle(), datetime.now(UTC))


def test_the_files_are_gone_and_the_proof_is_kept(retired: LakeLayout) -> None:
    """The commit names both; empty folders go too."""
    assert landed_ids(retired) == list(range(41, 81))
    assert not (retired.trades / of_hour(15)).parent.exists()
    commit = newest(retired)
    assert commit.role is Role.MAINTENANCE
    assert [file.ids for file in commit.removed_files] == [((1, 20),), ((21, 40),)]
    assert commit.retired is not None
    assert (commit.retired.commit, commit.retired.trades) == (commit.number, 40)
    first, second = read_retired(retired.base / commit.retired.path)
    assert (first.symbol, first.hour, second.hour.hour) == ("BTC_USD", AT.replace(hour=15), 16)
    assert (first.ids, first.trades, first.volume) == (((1, 20),), 20, Decimal("10.0"))
    assert (first.first_at, first.checksum) == (first.hour, commit.removed_files[0].checksum)


def test_verify_stays_whole(retired: LakeLayout) -> None:
    """The ids of retired trades are not missing, at their ends or in the middle."""
    found = prove(retired)
    assert found.problems == ()
    (proof,) = found.symbols
    assert (proof.trades, proof.first_id, proof.last_id) == (40, 1, 80)
    assert proof.retired == ((1, 40),)
    assert [row.hour.hour for row in proof.hours] == [17, 18]


def test_an_hour_in_the_middle_leaves_no_gap(proved: LakeLayout) -> None:
    """The hour before it stays, since a trade came late."""
    land_hour(proved, 15, range(81, 82))
    retire(proved, TWO_HOURS)
    assert landed_ids(proved) == [*range(1, 21), *range(41, 82)]
    assert prove(proved).problems == ()


def test_holes_within_retired_hours_stay_confirmed(layout: LakeLayout) -> None:
    """What no trade had is stated by the proof, and still asked about by `verify`."""
    for number, hour in enumerate((15, 16, 17)):
        first = 20 * number + 1
        land_hour(layout, hour, range(first, first + 5), range(first + 10, first + 20))
    compact(layout)
    holes = {"BTC_USD": [(6, 10), (26, 30), (46, 50)]}
    known = References(holes=lambda: holes)
    assert prove(layout, known).holds
    (done,) = retire(layout)
    assert [one.missing for one in done.hours] == [((6, 10),), ((26, 30),)]
    found = prove(layout, known)
    assert (found.holds, found.symbols[0].confirmed) == (True, 15)
    assert {problem.kind for problem in prove(layout).problems} == {ProblemKind.SUSPECTED_GAP}


def test_a_retired_trade_does_not_land_again(retired: LakeLayout) -> None:
    """A stream that gets it again leaves it out, counts it, and lands what is new beside it."""
    land_hour(retired, 15, range(5, 21))
    assert landed_ids(retired) == list(range(41, 81))
    assert (newest(retired).duplicates_dropped, newest(retired).retired_dropped) == (16, 16)
    land_hour(retired, 17, range(39, 83))
    assert landed_ids(retired) == list(range(41, 83))
    assert (newest(retired).duplicates_dropped, newest(retired).retired_dropped) == (42, 2)
    assert prove(retired).problems == ()


def test_a_stream_that_runs_meanwhile_knows_what_was_retired(proved: LakeLayout) -> None:
    """It reads the commit before its own, and makes folders durable again that were removed."""
    with LakeWriter.open(proved, run_id="r9") as writer:
        start = writer.state.position[0]

        def land(number: int, ids: range, hour: int) -> Commit:
            batch = Batch(
                folder=writer.staging_folder(number),
                expected_trades=len(ids),
                expected_quarantined=0,
                source=SOURCE,
                offsets={0: OffsetRange(start=start, end=start + number)},
            )
            write(batch.trades / of_hour(hour) / "part-0.parquet", ids, AT.replace(hour=hour))
            return writer.commit(batch)

        land(1, range(81, 83), 16)
        compact(proved)
        assert prove(proved).holds
        retire(proved, TWO_HOURS)
        flushed = set[Any]()
        real = lake.storage.local_files._fsync
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                lake.storage.local_files, "_fsync", lambda path: (flushed.add(path), real(path))
            )
            commit = land(2, range(39, 85), 16)
    assert (commit.retired_dropped, [file.ids for file in commit.files]) == (4, [((83, 84),)])
    hour = (proved.trades / of_hour(16)).parent
    assert {hour, hour.parent} <= flushed


def test_a_late_trade_of_a_retired_hour_lands_and_may_be_retired_too(retired: LakeLayout) -> None:
    """It has never landed before, so it is not lost; its own proof is kept beside the first."""
    land_hour(retired, 15, range(81, 83))
    assert prove(retired).holds
    retire(retired, TWO_HOURS)
    assert landed_ids(retired) == list(range(41, 81))
    assert prove(retired).symbols[0].retired == ((1, 40), (81, 82))


@pytest.mark.parametrize("folds", [0, 1, 2])
def test_the_log_folds_over_a_retirement(retired: LakeLayout, folds: int) -> None:
    """The manifest knows what was retired, also when the commit's own file is gone."""
    state, snapshot = CommitLog(retired.commits).state(), read_snapshot(retired)
    number = state.number
    for at in range(folds):
        fold_all(retired)
        land_hour(retired, 18, range(81 + at, 82 + at))
    fold_all(retired)
    assert CommitLog(retired.commits).path(number).exists() == (folds == 0)
    (retired.commits / "_state.json").unlink()
    folded = CommitLog(retired.commits).state()
    assert folded.retired == state.retired
    assert folded.landed_rows == 80 + folds
    assert read_snapshot(retired).retired == snapshot.retired
    land_hour(retired, 15, range(1, 21))
    assert newest(retired).retired_dropped == 20
    assert prove(retired).problems == ()


def test_the_lake_as_of_an_earlier_commit_is_refused(retired: LakeLayout) -> None:
    """As after a compaction: the log knows its files, and they are gone."""
    before = newest(retired).number - 1
    assert len(read_snapshot(retired, at=before).files) == 4
    assert read_snapshot(retired, at=before).retired == {}
    with pytest.raises(SnapshotGone):
        files(retired, at=before)


def test_a_lake_of_an_earlier_version_is_taken_over(proved: LakeLayout) -> None:
    """Its commits and summaries know nothing of retiring."""
    fold_all(proved)
    for path in proved.commits.glob("*.json"):
        content = json.loads(path.read_bytes())
        path.write_text(json.dumps({k: v for k, v in content.items() if "retired" not in k}))
    retire(proved, TWO_HOURS)
    assert landed_ids(proved) == list(range(41, 81))
    assert prove(proved).problems == ()


def test_figures_that_an_earlier_version_did_not_state_are_read(proved: LakeLayout) -> None:
    """The proof has times and volume of files that landed before the log kept them."""
    for path in proved.commits.glob("0*.json"):
        content = json.loads(path.read_bytes())
        for file in (*content["files"], *content["removed_files"]):
            file |= {"first_at": None, "last_at": None, "volume": None}
        path.write_text(json.dumps(content))
    assert prove(proved).holds
    (done,) = retire(proved, AT.replace(hour=16))
    (hour,) = done.hours
    assert (hour.volume, hour.first_at) == (Decimal("10.0"), AT.replace(hour=15))


def test_a_file_that_is_not_the_lakes_keeps_its_folder(proved: LakeLayout) -> None:
    """`verify` names it, as before."""
    stray = proved.trades / of_hour(15) / "notes.txt"
    stray.write_text("mine")
    retire(proved, TWO_HOURS)
    assert stray.exists()
    assert landed_ids(proved) == list(range(41, 81))
    assert kinds(proved) == {ProblemKind.EXTRA_FILE}


def test_many_files_are_some_commits(proved: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream waits only while those of one commit are removed."""
    monkeypatch.setattr("lake.write.retirement._FILES_AT_ONCE", 2)
    done = retire(proved)
    assert [len(one.hours) for one in done] == [2, 1]
    assert done[1].commit == done[0].commit + 1
    assert prove(proved).problems == ()


def test_a_retired_file_that_is_restored_is_reported(proved: LakeLayout) -> None:
    """It brings trades into view that the log says are gone."""
    (path,) = (proved.trades / of_hour(15)).glob("*.parquet")
    content = path.read_bytes()
    retire(proved, TWO_HOURS)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert kinds(proved) == {ProblemKind.EXTRA_FILE}
