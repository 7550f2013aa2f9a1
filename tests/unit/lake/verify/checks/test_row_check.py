import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout
from lake.verify.checks.row_check import read_rows
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.lakes import AT, HOUR, files, land, write
from tests.unit.lake.minutes import MINUTE, one_a_minute

MICROS = int(AT.timestamp()) * 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file of trades would be."""
    made = tmp_path / HOUR / "part-0.parquet"
    made.parent.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("ids", "runs"),
    [
        ([1, 2, 3, 7, 9, 10], ((1, 3), (7, 7), (9, 10))),
        ([10, 3, 9, 1, 2, 7], ((1, 3), (7, 7), (9, 10))),
        ([1, 3, 3, 3, 5], ((1, 1), (3, 3), (3, 3), (3, 3), (5, 5))),
        ([5, 4, 5, 4, 6], ((4, 5), (4, 6))),
        ([], ()),
    ],
    ids=str,
)
def test_ids_are_ranges_each_as_often_as_it_is_there(
    path: Path, ids: list[int], runs: tuple[tuple[int, int], ...]
) -> None:
    """In any order of the rows."""
    write(path, ids, AT)
    found = read_rows(path, volume=False)
    assert sorted(_each(found.ids)) == sorted(ids)
    assert (found.rows, len(found.ids)) == (len(ids), len(runs))


def _each(runs: tuple[tuple[int, int], ...]) -> list[int]:
    return [one for first, last in runs for one in range(first, last + 1)]


def test_times_are_those_of_the_rows(path: Path) -> None:
    """The first and the last, and how many are in another hour, whatever unit they have."""
    rows = one_a_minute(range(51, 71))
    for unit in ("us", "ms"):
        times = rows["executed_at"].cast(pa.timestamp(unit, "UTC"))
        pq.write_table(rows.set_column(1, "executed_at", times), path)
        found = read_rows(path, volume=True)
        first = MICROS + 50 * 60_000_000
        assert (found.misplaced, found.times) == (10, (first, first + 19 * 60_000_000))
        assert found.volume == 30


def state(layout: LakeLayout, **figures: Any) -> None:
    """A commit that states these figures of its file."""
    (path,) = layout.commits.glob("0*.json")
    commit = json.loads(path.read_bytes())
    right = {"rows": 10, "first_at": MICROS, "last_at": MICROS + 540_000_000, "volume": "15"}
    commit["files"][0] |= right | figures
    path.write_text(json.dumps(commit))


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        ({"first_at": MICROS - 1}, "The first time is"),
        ({"last_at": MICROS}, "The last time is"),
        ({"volume": "15.0000000001"}, "The volume is 15"),
        ({"rows": 11}, "The number of trades is 10, and 11 in the commit log"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_figures_that_the_log_states_are_compared(
    layout: LakeLayout, stated: dict[str, Any], what: str
) -> None:
    """A report shows them without opening the file, so verification has to prove them."""
    land(layout, one_a_minute(range(1, 11)))
    state(layout)
    assert verify(layout).holds
    state(layout, **stated)
    (problem,) = verify(layout).problems
    assert (problem.kind, problem.where) == (
        ProblemKind.OTHER_FIGURES,
        layout.relative(files(layout)[0]),
    )
    assert problem.advice.startswith(what)


def test_ids_with_the_same_count_ends_and_sum_are_other_ids(layout: LakeLayout) -> None:
    """Every id is compared, also where no checksum was committed."""
    land(layout, range(1, 6))
    (commit,) = layout.commits.glob("0*.json")
    file = json.loads(commit.read_bytes())
    file["files"][0] |= {"checksum": "", "bytes": 0}
    write(files(layout)[0], [1, 3, 3, 3, 5], AT)
    file["files"][0]["bytes"] = files(layout)[0].stat().st_size
    commit.write_text(json.dumps(file))
    assert {problem.kind for problem in verify(layout).problems} == {
        ProblemKind.WRONG_IDS,
        ProblemKind.DUPLICATES,
    }


def test_trades_that_cannot_be_read_are_a_problem_of_their_file(layout: LakeLayout) -> None:
    """It is what was committed, and yet no table of trades; other files are verified."""
    times = [AT + timedelta(seconds=one) for one in range(5)]
    land(layout, one_a_minute(range(1, 6)), one_a_minute(range(6, 11)))
    path = files(layout)[1]
    pq.write_table(pa.table({"trade_id": ["six"] * 5, "executed_at": times}), path)
    commit = max(layout.commits.glob("0*.json"))
    stated = json.loads(commit.read_bytes())
    stated["files"][0] |= {"checksum": "", "bytes": path.stat().st_size}
    commit.write_text(json.dumps(stated))
    found = verify(layout)
    (problem,) = found.problems
    assert (problem.kind, problem.where) == (ProblemKind.UNREADABLE, layout.relative(path))
    assert found.symbols[0].trades == 5


def test_an_extra_file_of_other_types_is_extra_and_no_more(layout: LakeLayout) -> None:
    """It has the columns of trades, and no trades."""
    land(layout, one_a_minute(range(1, 6)))
    extra = files(layout)[0].with_name("extra.parquet")
    pq.write_table(pa.table({"trade_id": ["one"], "executed_at": [AT + MINUTE]}), extra)
    assert {problem.kind for problem in verify(layout).problems} == {ProblemKind.EXTRA_FILE}
