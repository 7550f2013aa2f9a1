import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lake.verify
import lake.writer
from lake.batch import Batch
from lake.commit import OffsetRange, Role
from lake.compaction import Compaction
from lake.errors import LakeMissing
from lake.layout import LakeLayout
from lake.log_audit import LogAudit
from lake.proof import HourRows, ProblemKind
from lake.snapshot import read_snapshot
from lake.verify import verify
from lake.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, SOURCE

LONG_AFTER = datetime(2026, 2, 1, tzinfo=UTC)
AT = datetime(2026, 1, 30, 18, tzinfo=UTC)


def land(
    layout: LakeLayout,
    *batches: Sequence[int] | pa.Table,
    at: datetime = AT,
    folder: str = HOUR,
) -> None:
    """Land batches, a file each: of ids, a second from trade to trade, or of whole rows."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        for number, ids in enumerate(batches):
            start = writer.state.position.get(0, 0)
            batch = Batch(
                folder=writer.staging_folder(number),
                expected_trades=len(ids),
                expected_quarantined=0,
                source=SOURCE,
                offsets={0: OffsetRange(start=start, end=start + len(ids))},
            )
            write(batch.trades / folder / "part-0.parquet", ids, at)
            writer.commit(batch)


def write(path: Path, ids: Sequence[int] | pa.Table, at: datetime) -> None:
    """A file of trades."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(ids, pa.Table):
        pq.write_table(ids, path)
        return
    times = [at + timedelta(seconds=n) for n in range(len(ids))]
    columns = {
        "trade_id": pa.array(ids, pa.int64()),
        "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(columns), path)


@pytest.fixture
def whole(layout: LakeLayout) -> LakeLayout:
    """A lake of two files without a fault."""
    land(layout, range(1, 101), range(101, 151))
    return layout


def files(layout: LakeLayout) -> list[Path]:
    """Its data files."""
    return [layout.base / path for path in read_snapshot(layout).files]


def kinds(layout: LakeLayout) -> set[ProblemKind]:
    """What is found to be wrong."""
    return {problem.kind for problem in verify(layout).problems}


def test_a_whole_lake_holds(whole: LakeLayout) -> None:
    """And its figures are told per symbol."""
    found = verify(whole)
    assert found.holds
    (proof,) = found.symbols
    assert (proof.symbol, proof.trades, proof.first_id, proof.last_id) == ("BTC/USD", 150, 1, 150)
    assert (found.commits, found.files, proof.missing, proof.duplicates) == (2, 2, (), 0)
    assert proof.hours == (HourRows(AT, 150),)


def test_no_lake_is_no_whole_lake(layout: LakeLayout) -> None:
    """The wrong place was looked at, or all is gone: nothing is proved."""
    with pytest.raises(LakeMissing, match="holds no lake of KRAKEN"):
        verify(layout)


def test_a_lake_without_a_trade_holds(layout: LakeLayout) -> None:
    """The stream has read records, and none was a trade."""
    land(layout, [])
    assert verify(layout).holds


def test_a_deleted_file_is_named(whole: LakeLayout) -> None:
    """With the ids that went with it."""
    gone = files(whole)[1]
    gone.unlink()
    (problem,) = verify(whole).problems
    assert (problem.kind, problem.where) == (ProblemKind.MISSING_FILE, whole.relative(gone))
    assert "50 trades of BTC_USD went with it, ids 101 to 150" in problem.advice


def test_a_truncated_file_is_named(whole: LakeLayout) -> None:
    """By its size and since it is no Parquet any more."""
    path = files(whole)[0]
    path.write_bytes(path.read_bytes()[:-10])
    assert {ProblemKind.WRONG_SIZE, ProblemKind.UNREADABLE} <= kinds(whole)


def test_a_file_that_was_copied_is_named(whole: LakeLayout) -> None:
    """Readers would see its trades twice."""
    path = files(whole)[0]
    shutil.copy(path, path.with_name("part-copy.parquet"))
    assert kinds(whole) == {ProblemKind.EXTRA_FILE, ProblemKind.DUPLICATES}


def test_a_changed_digit_is_named(whole: LakeLayout) -> None:
    """Size and rows are the same, the content is not."""
    path = files(whole)[0]
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    assert ProblemKind.CHANGED in kinds(whole)


def test_rows_of_another_hour_are_named(layout: LakeLayout) -> None:
    """A reader that prunes by folder would not find them."""
    land(layout, range(1, 101), at=AT + timedelta(hours=1))
    assert kinds(layout) == {ProblemKind.WRONG_FOLDER}


def test_a_stray_file_is_named_whatever_it_is(whole: LakeLayout) -> None:
    """Nothing but trades lies below the exchange's folder."""
    (files(whole)[0].parent / "notes.parquet").write_text("no Parquet at all")
    assert kinds(whole) == {ProblemKind.EXTRA_FILE}


def test_a_gap_is_suspected_until_it_is_confirmed(layout: LakeLayout) -> None:
    """Completeness is told from loss by what the exchange confirmed."""
    land(layout, range(1, 11), range(21, 31))
    assert kinds(layout) == {ProblemKind.SUSPECTED_GAP}
    assert verify(layout).symbols[0].missing == ((11, 20),)
    assert verify(layout, {"BTC_USD": [(11, 20)]}).holds
    assert not verify(layout, {"BTC_USD": [(11, 19)]}).holds


def test_a_file_without_a_checksum_is_held_against_its_ids(whole: LakeLayout) -> None:
    """Commits from before checksums name the ids; as many others are noticed, in the very file."""
    path = files(whole)[0]
    forget_checksums(whole)
    write(path, [*range(1, 100), 100], AT)
    size = path.stat().st_size
    write(path, [*range(2, 100), 100, 999], AT)
    path.write_bytes(path.read_bytes().ljust(size, b"\0")[:size])
    found = verify(whole)
    assert {problem.where for problem in found.problems} == {whole.relative(path)}


def test_other_ids_than_committed_are_named_by_their_file(whole: LakeLayout) -> None:
    """The count is right, the ids are not."""
    path = files(whole)[1]
    forget_checksums(whole)
    write(path, range(201, 251), AT)
    assert (ProblemKind.WRONG_IDS, whole.relative(path)) in places(whole)


def test_damaged_pages_without_a_checksum_are_unreadable(whole: LakeLayout) -> None:
    """The footer is fine, what it points to is not; the other file's rows are counted."""
    path = files(whole)[0]
    forget_checksums(whole)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(200) + content[204:])
    assert (ProblemKind.UNREADABLE, whole.relative(path)) in places(whole)
    assert verify(whole).symbols[0].trades == 50


def test_a_copied_file_is_told_with_the_file_that_it_doubles(whole: LakeLayout) -> None:
    """Which trades, how many, and where they should be alone."""
    path = files(whole)[0]
    shutil.copy(path, path.with_name("a-copy.parquet"))
    (doubled,) = (p for p in verify(whole).problems if p.kind is ProblemKind.DUPLICATES)
    assert doubled.where.endswith("a-copy.parquet")
    assert f"100 trades, ids 1 to 100, are also in {whole.relative(path)}" in doubled.advice
    assert verify(whole).symbols[0].duplicates == 100


def test_trades_outside_any_partition_are_extra_and_no_more(whole: LakeLayout) -> None:
    """A file at the top has neither symbol nor hour, and disturbs nothing else."""
    shutil.copy(files(whole)[0], whole.trades / "loose.parquet")
    assert kinds(whole) == {ProblemKind.EXTRA_FILE}


def test_rows_per_hour_are_told(layout: LakeLayout) -> None:
    """Of every hour that has some, in order, whatever number of files they are in."""
    land(layout, range(1, 11), range(11, 14))
    earlier = AT - timedelta(hours=9)
    land(layout, range(14, 20), at=earlier, folder=HOUR.replace("hour=18", "hour=9"))
    (proof,) = verify(layout).symbols
    assert proof.hours == (HourRows(earlier, 6), HourRows(AT, 13))


def test_a_hole_outside_what_was_recorded_makes_no_gap(layout: LakeLayout) -> None:
    """Kraken lacks ids from before the first trade and after the last; the lake lacks none."""
    land(layout, range(101, 111), range(116, 120))
    found = verify(layout, {"BTC_USD": [(1, 9), (111, 115), (500, 510)]})
    assert found.holds
    assert (found.symbols[0].missing, found.symbols[0].confirmed) == ((), 5)


def test_a_commit_that_nobody_finished_is_told_as_that(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are not missing: the next start puts them in place."""
    with monkeypatch.context() as patch:
        patch.setattr(lake.writer, "publish", lambda *_: None)
        patch.setattr(lake.writer.shutil, "rmtree", lambda *_, **__: None)
        land(whole, range(151, 161))
    monkeypatch.setattr(lake.verify, "_PUBLISHING_PATIENCE", 0.0)
    assert kinds(whole) == {ProblemKind.UNFINISHED}
    with LakeWriter.open(whole, run_id="r2"):
        assert verify(whole).holds


def test_a_stream_at_work_raises_no_alarm(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that lands after the log was read is not looked at, and is no extra file."""
    real_listed = lake.verify.listed

    def listed_after_a_batch(layout: LakeLayout) -> list[Path]:
        land(layout, range(151, 161))
        return real_listed(layout)

    monkeypatch.setattr(lake.verify, "listed", listed_after_a_batch)
    found = verify(whole)
    assert (found.holds, found.commits, found.symbols[0].trades) == (True, 2, 150)


def test_compaction_at_work_makes_it_begin_anew(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were to be read are gone, with their rows in another."""
    real_audit = lake.verify.audit_log

    def audit_and_compact(layout: LakeLayout) -> LogAudit:
        audit = real_audit(layout)
        with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
            list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), LONG_AFTER))
        return audit

    monkeypatch.setattr(lake.verify, "audit_log", audit_and_compact)
    found = verify(whole)
    assert (found.holds, found.commits, found.files) == (True, 3, 1)


def places(layout: LakeLayout) -> set[tuple[ProblemKind, str]]:
    """What is wrong, and with what."""
    return {(problem.kind, problem.where) for problem in verify(layout).problems}


def forget_checksums(layout: LakeLayout) -> None:
    """Commits as they were before they held checksums."""
    for path in layout.commits.glob("*.json"):
        told = json.loads(path.read_bytes())
        for file in told.get("files", ()):
            file["checksum"] = ""
        path.write_text(json.dumps(told))
