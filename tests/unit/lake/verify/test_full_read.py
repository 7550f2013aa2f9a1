import re
from pathlib import Path

import pyarrow as pa
import pytest

from lake.layout import LakeLayout
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.lakes import files, land
from tests.unit.lake.minutes import one_a_minute

NO_TEXT = b"M\xff\xfeK"


def with_column(ids: range, name: str, column: pa.Array) -> pa.Table:
    """Rows with a column more."""
    return one_a_minute(ids).append_column(name, column)


def no_text(count: int) -> pa.Array:
    """Bytes that Parquet is made to believe to be text."""
    return pa.array([NO_TEXT] * count, pa.binary()).view(pa.string())


def in_lists(count: int) -> pa.Array:
    """The same as items of lists, one a row."""
    return pa.ListArray.from_arrays(pa.array(range(count + 1), pa.int32()), no_text(count))


@pytest.mark.parametrize("column", [no_text(10), in_lists(10)], ids=["text", "list"])
def test_a_file_that_readers_cannot_read_is_named(layout: LakeLayout, column: pa.Array) -> None:
    """It is what was committed, so that only reading all of it tells; others are not blamed."""
    good = with_column(range(1, 11), "note", pa.array(["fine"] * 10))
    land(layout, good, with_column(range(11, 21), "text", column))
    assert verify(layout).holds
    (problem,) = verify(layout, full=True).problems
    spoilt = layout.relative(files(layout)[1])
    assert (problem.kind, problem.where) == (ProblemKind.UNREADABLE, spoilt)
    assert re.match("It is what was committed, but readers cannot read it: .*UTF", problem.advice)


def test_a_whole_lake_is_read_to_its_end(layout: LakeLayout) -> None:
    """Of several versions, and also where there is nothing to read."""
    land(layout, [])
    assert verify(layout, full=True).holds
    land(layout, one_a_minute(range(1, 11)))
    land(layout, with_column(range(11, 21), "feed", pa.array(["REST"] * 10)))
    assert verify(layout, full=True).holds


def test_files_that_cannot_be_read_together_are_a_problem(layout: LakeLayout) -> None:
    """Each of them is whole, and yet the lake cannot be read."""
    land(layout, with_column(range(1, 11), "extra", pa.array([{"a": 1}] * 10)))
    land(layout, with_column(range(11, 21), "extra", pa.array(["text"] * 10)))
    (problem,) = verify(layout, full=True).problems
    assert (problem.kind, problem.where) == (ProblemKind.UNREADABLE, "KRAKEN")


def test_files_of_different_queries_are_read_together_too(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader reads the whole lake at once; faults in one batch hide none in the next."""
    monkeypatch.setattr("lake.read.duckdb_batches._FILES_A_QUERY", 2)
    for number, extra in enumerate([{"a": 1}] * 3 + ["text"]):
        ids = range(5 * number + 1, 5 * number + 6)
        land(layout, with_column(ids, "extra", pa.array([extra] * 5)))
    (problem,) = verify(layout, full=True).problems
    assert (problem.kind, problem.where) == (ProblemKind.UNREADABLE, "KRAKEN")
    for start in (21, 31):
        land(layout, with_column(range(start, start + 5), "text", no_text(5)))
        land(layout, one_a_minute(range(start + 5, start + 10)))
    named = {problem.where for problem in verify(layout, full=True).problems}
    assert named == {layout.relative(files(layout)[at]) for at in (4, 6)}


def test_a_file_with_a_fault_is_named_once(layout: LakeLayout, tmp_path: Path) -> None:
    """What is wrong with it already says that it cannot be read."""
    assert tmp_path.exists()
    land(layout, one_a_minute(range(1, 11)), one_a_minute(range(11, 21)))
    files(layout)[0].write_bytes(b"PAR1 and no more")
    before = verify(layout).problems
    assert verify(layout, full=True).problems == before
