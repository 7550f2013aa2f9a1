import shutil
from datetime import UTC, datetime, timedelta

import pytest

import lake.verify.checks.lake_files_check
import lake.verify.verification
import lake.write.writer
from lake.errors import LakeMissing
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.verify.checks.log_check import LogCheck
from lake.verify.result import HourRows, ProblemKind
from lake.verify.verification import verify
from lake.write.compaction import Compaction
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import AT, LONG_AFTER, files, kinds, land


def test_a_whole_lake_holds(whole: LakeLayout) -> None:
    """And its figures come per symbol."""
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
    """With the ids that are lost with it."""
    gone = files(whole)[1]
    gone.unlink()
    (problem,) = verify(whole).problems
    assert (problem.kind, problem.where) == (ProblemKind.MISSING_FILE, whole.relative(gone))
    assert "50 trades of BTC_USD are lost with it, ids 101 to 150" in problem.advice


def test_a_file_that_was_copied_is_named(whole: LakeLayout) -> None:
    """Readers would see its trades twice."""
    path = files(whole)[0]
    shutil.copy(path, path.with_name("part-copy.parquet"))
    assert kinds(whole) == {ProblemKind.EXTRA_FILE, ProblemKind.DUPLICATES}


def test_rows_of_another_hour_are_named(layout: LakeLayout) -> None:
    """A reader that prunes by folder would not find them."""
    land(layout, range(1, 101), at=AT + timedelta(hours=1))
    assert kinds(layout) == {ProblemKind.WRONG_FOLDER}


def test_a_stray_file_is_named_whatever_it_is(whole: LakeLayout) -> None:
    """Nothing but trades lies below the exchange's folder."""
    (files(whole)[0].parent / "notes.parquet").write_text("no Parquet at all")
    assert kinds(whole) == {ProblemKind.EXTRA_FILE}


def test_a_copied_file_is_reported_with_the_file_that_it_doubles(whole: LakeLayout) -> None:
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


def test_a_commit_that_nobody_finished_is_reported_as_that(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are not missing: the next start puts them in place."""
    with monkeypatch.context() as patch:
        patch.setattr(lake.write.writer, "publish", lambda *_: None)
        patch.setattr(lake.write.writer.shutil, "rmtree", lambda *_, **__: None)
        land(whole, range(151, 161))
    monkeypatch.setattr(lake.verify.checks.lake_files_check, "_PUBLISHING_PATIENCE", 0.0)
    assert kinds(whole) == {ProblemKind.UNFINISHED}
    with LakeWriter.open(whole, run_id="r2"):
        assert verify(whole).holds


def test_a_stream_at_work_raises_no_alarm(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that lands after the log was read is not looked at, and is no extra file."""
    real_listed = lake.verify.checks.lake_files_check.listed

    def listed_after_a_batch(layout: LakeLayout) -> list[str]:
        land(layout, range(151, 161))
        return real_listed(layout)

    monkeypatch.setattr(lake.verify.checks.lake_files_check, "listed", listed_after_a_batch)
    found = verify(whole)
    assert (found.holds, found.commits, found.symbols[0].trades) == (True, 2, 150)


def test_compaction_at_work_makes_it_begin_anew(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were to be read are gone, with their rows in another."""
    real_audit = lake.verify.verification.check_log

    def audit_and_compact(layout: LakeLayout, *, full: bool) -> LogCheck:
        audit = real_audit(layout, full=full)
        with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
            list(Compaction(layout, writer, "zstd").run(read_snapshot(layout), LONG_AFTER))
        return audit

    monkeypatch.setattr(lake.verify.verification, "check_log", audit_and_compact)
    found = verify(whole)
    assert (found.holds, found.commits, found.files) == (True, 3, 1)


def test_a_fold_of_what_was_added_meanwhile_makes_it_begin_anew(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commits after the verified one cannot be read one by one any more."""
    real_listed = lake.verify.checks.lake_files_check.listed

    def listed_and_folded(layout: LakeLayout) -> list[str]:
        for first in (151, 161) if CommitLog(layout.commits).folded() == 0 else ():
            land(layout, range(first, first + 10))
            fold(layout, read_snapshot(layout).number, datetime.now(UTC))
        return real_listed(layout)

    monkeypatch.setattr(lake.verify.checks.lake_files_check, "listed", listed_and_folded)
    found = verify(whole)
    assert (found.holds, found.commits, found.symbols[0].trades) == (True, 4, 170)
