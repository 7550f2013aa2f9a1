import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.batch import Batch
from lake.commit import OffsetRange
from lake.layout import LakeLayout
from lake.snapshot import read_snapshot
from lake.verify import ProblemKind, verify
from lake.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, SOURCE

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
    assert (found.commits, found.files, proof.hours, proof.missing) == (2, 2, 1, ())


def test_an_empty_lake_holds(layout: LakeLayout) -> None:
    """There is nothing that could be wrong."""
    assert verify(layout).holds


def test_a_deleted_file_is_named(whole: LakeLayout) -> None:
    """With the ids that went with it."""
    gone = files(whole)[1]
    gone.unlink()
    found = verify(whole)
    assert kinds(whole) == {ProblemKind.MISSING_FILE, ProblemKind.WRONG_IDS}
    assert found.problems[0].where == whole.relative(gone)


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
