"""`verify` holds a table against the commit log."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync
from lake.tables.table import TableFile
from lake.verify.checks.table_check import check_tables
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.lakes import compact, kinds, land

NOW = datetime(2000, 1, 1, tzinfo=UTC)
Actions = list[dict[str, Any]]


@pytest.fixture
def with_table(whole: LakeLayout) -> LakeLayout:
    """A lake of two files, and its table."""
    sync(whole, DeltaTable(whole), NOW)
    return whole


def newest(layout: LakeLayout) -> Path:
    """The newest version's file."""
    return max((layout.base / "_delta_log").glob("*.json"))


def change(layout: LakeLayout, how: Callable[[Actions], object]) -> None:
    """Change the actions of the newest version."""
    actions = [json.loads(line) for line in newest(layout).read_text().splitlines()]
    how(actions)
    newest(layout).write_text("".join(f"{json.dumps(one)}\n" for one in actions))


def advice(layout: LakeLayout) -> str:
    """What is said about the one thing that is wrong."""
    (problem,) = check_tables(layout)
    assert problem.kind is ProblemKind.WRONG_TABLE
    return f"{problem.where}: {problem.advice}"


def test_a_table_like_the_lake_is_whole(with_table: LakeLayout) -> None:
    """And so is a lake without a table."""
    assert kinds(with_table) == set()


def test_a_table_may_be_behind(with_table: LakeLayout) -> None:
    """It is held against the lake as of its own commit."""
    land(with_table, range(151, 161))
    compact(with_table)
    assert list(check_tables(with_table)) == []


def test_a_table_that_changes_all_the_time_is_not_called_wrong(
    with_table: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying once more may find a quieter moment."""
    real_files = DeltaTable.files

    def files_and_one_more(table: DeltaTable) -> Mapping[str, TableFile]:
        listed = real_files(table)
        land(with_table, range(newest_id(with_table) + 1, newest_id(with_table) + 2))
        sync(with_table, DeltaTable(with_table), NOW)
        return listed

    monkeypatch.setattr(DeltaTable, "files", files_and_one_more)
    with pytest.raises(LakeBusy, match="the table was changed 5 times"):
        verify(with_table)


def newest_id(layout: LakeLayout) -> int:
    """The last trade id that landed."""
    return CommitLog(layout.commits).state().rows


def test_a_table_behind_folded_commits_cannot_be_held_against_anything(
    with_table: LakeLayout,
) -> None:
    """Nothing is said of it; its lag is for `tables status` and the metrics."""
    land(with_table, range(151, 161), range(161, 171))
    for commit in (3, 4):
        fold(with_table, commit, datetime.now(UTC) + timedelta(days=1))
    change(with_table, lambda actions: actions.pop())
    assert list(check_tables(with_table)) == []


def test_a_file_that_the_table_lacks(with_table: LakeLayout) -> None:
    """Named, with the command that mends it."""
    change(with_table, lambda actions: actions.pop())
    said = advice(with_table)
    assert "part-0000000002-00000.parquet: As of commit 2 it is missing in the table" in said
    assert "tables sync --format delta --rebuild" in said
    assert verify(with_table).problems[-1].kind is ProblemKind.WRONG_TABLE


def test_a_file_that_the_lake_does_not_have(with_table: LakeLayout) -> None:
    """Whoever added it."""
    extra = {"add": {"path": "KRAKEN/extra.parquet", "partitionValues": {}, "size": 1}}
    change(with_table, lambda actions: actions.append(extra))
    assert "was not part of the lake" in advice(with_table)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("size", 1, "1 in the table"),
        ("stats", '{"numRecords":7}', "has 50 rows, 7 in the table"),
        ("stats", "no JSON", "has 50 rows, None in the table"),
        ("partitionValues", {"symbol": "ETH_USD"}, "another folder"),
    ],
)
def test_a_file_of_which_the_table_says_something_else(
    with_table: LakeLayout, field: str, value: object, said: str
) -> None:
    """Size, rows or folder: readers would believe the table."""
    change(with_table, lambda actions: actions[-1]["add"].update({field: value}))
    assert said in advice(with_table)


def test_a_table_beyond_the_lake(with_table: LakeLayout) -> None:
    """It is another lake's, or this one was restored from a copy."""
    txn = {"txn": {"appId": "kraken-lake/KRAKEN", "version": 9}}
    change(with_table, lambda actions: actions.append(txn))
    assert "It holds commit 9; the lake ends at 2" in advice(with_table)


def test_a_table_that_cannot_be_read(with_table: LakeLayout) -> None:
    """One problem; everything else is verified all the same."""
    newest(with_table).write_text("{")
    assert "is damaged" in advice(with_table)
    assert verify(with_table).symbols[0].trades == 150
