from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.errors import LakeMissing
from lake.layout import LakeLayout
from lake.log.commit import Commit, CommitRange, LeftOut, OffsetRange, Role, Source
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.verify.left_out_fields import left_out_problems
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from lake.write.batch import Batch
from lake.write.relanding import Relanding, Replacement, plan_relanding
from lake.write.retirement import Retirement
from lake.write.staged_files import StagedFile, stage_trades
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import AT, HOUR, SOURCE, compact, kinds, land

NEXT_HOUR = HOUR.replace("hour=18", "hour=19")


def rows(ids: Iterable[int], note: str | None = None, *, late: int = 0, hours: int = 0) -> pa.Table:
    """Trades as rows; with a note where there is one."""
    ids = list(ids)
    times = [AT + timedelta(hours=hours, seconds=one) for one in ids]
    received = [AT + timedelta(seconds=one + late) for one in ids]
    columns = {
        "trade_id": pa.array(ids, pa.int64()),
        "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
        "ingested_at": pa.array(received, pa.timestamp("us", "UTC")),
    }
    if note is not None:
        columns["note"] = pa.array([note] * len(ids), pa.string())
    return pa.table(columns)


def again(folder: Path, **tables: pa.Table) -> list[StagedFile]:
    """What Kafka gives again, as tasks stage it."""
    folder.mkdir()
    return [
        stage_trades(
            table,
            folder / f"{name}.parquet",
            NEXT_HOUR if name.startswith("next") else HOUR,
            "zstd",
        )
        for name, table in tables.items()
    ]


def reland(
    layout: LakeLayout, first: int, last: int, read_again: list[StagedFile]
) -> tuple[Commit, int]:
    """Replace the files of a range; the commit, and how many trades were not found."""
    commits = CommitRange(first=first, last=last)
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        relanding = plan_relanding(layout, commits)
        folder = writer.staging_folder(1)
        replacement = Replacement(layout.base, relanding, read_again, folder / "trades", "zstd")
        not_found = replacement.write()
        batch = Batch(
            folder=folder,
            trade_files=replacement.written,
            expected_trades=sum(file.rows for file in relanding.files),
            expected_quarantined=0,
            replaced_files=relanding.files,
            reread=commits,
        )
        return writer.commit(batch), not_found


def notes(layout: LakeLayout) -> dict[int, str | None]:
    """What readers see, by trade id."""
    seen: dict[int, str | None] = {}
    for path in layout.trades.rglob("*.parquet"):
        table = pq.read_table(path, partitioning=None)
        column = table["note"].to_pylist() if "note" in table.column_names else [None] * len(table)
        for trade_id, note in zip(table["trade_id"].to_pylist(), column, strict=True):
            assert trade_id not in seen
            seen[trade_id] = note
    return seen


def test_files_of_a_range_get_their_columns_once(layout: LakeLayout, tmp_path: Path) -> None:
    """Every trade stays, once; other commits keep their files; a second run is harmless."""
    land(layout, rows(range(1, 4)), rows(range(4, 6)), rows(range(6, 8)))
    read_again = again(tmp_path / "a", one=rows(range(1, 3), "x"), two=rows([3, 4, 5, 99], "x"))
    commit, not_found = reland(layout, 1, 2, read_again)
    assert (commit.rows, len(commit.removed_files), not_found) == (5, 2, 0)
    assert notes(layout) == {**dict.fromkeys(range(1, 6), "x"), 6: None, 7: None}
    assert verify(layout).holds
    reland(layout, 1, 2, read_again)
    assert notes(layout) == {**dict.fromkeys(range(1, 6), "x"), 6: None, 7: None}
    assert verify(layout).holds


def test_a_compacted_range_keeps_the_rows_of_others(layout: LakeLayout, tmp_path: Path) -> None:
    """The one file holds rows of other commits, which stay as they are."""
    land(layout, rows(range(1, 4)), rows(range(4, 7)))
    compact(layout)
    reland(layout, 2, 2, again(tmp_path / "a", one=rows(range(1, 7), "x")))
    assert notes(layout) == {1: None, 2: None, 3: None, 4: "x", 5: "x", 6: "x"}
    assert verify(layout).holds


def test_a_trade_that_kafka_gives_no_more_stays(layout: LakeLayout, tmp_path: Path) -> None:
    """It is counted."""
    land(layout, rows(range(1, 4)))
    _, not_found = reland(layout, 1, 1, again(tmp_path / "a", one=rows([1, 3], "x")))
    assert not_found == 1
    assert notes(layout) == {1: "x", 2: None, 3: "x"}
    assert verify(layout).holds


def test_a_retired_trade_is_not_read_back_into_the_lake(layout: LakeLayout, tmp_path: Path) -> None:
    """Of a range that lies in a retired hour and in another one, the latter is replaced."""
    land(layout, rows([1, 2]))
    land(layout, rows([3, 4], hours=1), folder=NEXT_HOUR)
    with LakeWriter.open(layout, run_id="m2", role=Role.MAINTENANCE) as writer:
        (file,) = (one for one in read_snapshot(layout).files.values() if "hour=18" in one.path)
        list(Retirement(layout, writer, AT).run([file]))
    assert plan_relanding(layout, CommitRange(first=1, last=2)).retired == 2
    read_again = again(tmp_path / "a", one=rows([1, 2], "x"), next=rows([3, 4], "x", hours=1))
    commit, not_found = reland(layout, 1, 2, read_again)
    assert (commit.rows, not_found, notes(layout)) == (2, 0, {3: "x", 4: "x"})
    assert verify(layout).holds
    assert plan_relanding(layout, CommitRange(first=1, last=1)).files == ()


def test_of_a_trade_that_kafka_holds_twice_the_one_that_landed_is_taken(
    layout: LakeLayout, tmp_path: Path
) -> None:
    """By when it was received; where neither fits, the first."""
    land(layout, rows([1, 2]))
    first = rows([1, 2], "other", late=5)
    reland(
        layout,
        1,
        1,
        again(tmp_path / "a", a=first, b=rows([1], "landed"), c=rows([2], "c", late=9)),
    )
    assert notes(layout) == {1: "landed", 2: "other"}


def test_a_trade_that_belongs_into_another_hour_goes_there(
    layout: LakeLayout, tmp_path: Path
) -> None:
    """Its time was read wrongly when it landed."""
    land(layout, rows([1, 2]))
    reland(layout, 1, 1, again(tmp_path / "a", one=rows([1], "x"), next=rows([2], "x", hours=1)))
    assert {path.parent.parent.name for path in layout.trades.rglob("*.parquet")} == {
        "hour=18",
        "hour=19",
    }
    assert notes(layout) == {1: "x", 2: "x"}
    assert verify(layout).holds


def test_a_range_that_is_none_is_reported(layout: LakeLayout) -> None:
    """No commit of the stream, or two topics."""
    land(layout, rows([1]), rows([2]))
    with pytest.raises(LakeMissing, match=r"commits 7 to 9 were landed from 0 topics"):
        plan_relanding(layout, CommitRange(first=7, last=9))
    other = Source(cluster_id="c2", topic="kraken.trades", topic_id="t9")
    commit = CommitLog(layout.commits).read(2)
    assert commit is not None
    CommitLog(layout.commits).append(commit.model_copy(update={"number": 3, "source": other}))
    with pytest.raises(LakeMissing, match="from 2 topics"):
        plan_relanding(layout, CommitRange(first=1, last=3))


def test_what_a_range_covers(layout: LakeLayout) -> None:
    """Its offsets from first to last, its trades, and the files that hold them."""
    land(layout, rows(range(1, 4)), rows(range(4, 6)), rows(range(6, 8)))
    relanding: Relanding = plan_relanding(layout, CommitRange(first=2, last=3))
    assert relanding.source == SOURCE
    assert relanding.offsets == {0: OffsetRange(start=3, end=7)}
    assert {symbol: list(ids) for symbol, ids in relanding.ids.items()} == {"BTC_USD": [(4, 7)]}
    assert [file.ids for file in relanding.files] == [((4, 5),), ((6, 7),)]


def test_verify_names_what_was_left_out_until_it_is_read_again(
    layout: LakeLayout, tmp_path: Path
) -> None:
    """With the fields, the writer's id and the command."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        batch = Batch(
            folder=writer.staging_folder(0),
            expected_trades=2,
            expected_quarantined=0,
            source=SOURCE,
            offsets={0: OffsetRange(start=0, end=2)},
            left_out=(LeftOut(schema_id=7, fields=("note",)),),
        )
        path = batch.trades / HOUR / "part-0.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(rows([1, 2]), path)
        writer.commit(batch)
    (problem,) = verify(layout).problems
    assert problem.kind is ProblemKind.LEFT_OUT
    assert "note of records with schema id 7" in problem.advice
    assert "reread --from-commit 1 --to-commit 1" in problem.advice
    reland(layout, 1, 1, again(tmp_path / "a", one=rows([1, 2], "x")))
    assert kinds(layout) == set()


def test_what_came_from_quarantine_is_read_again_from_the_first_commit(
    layout: LakeLayout,
) -> None:
    """Its offsets are those of some commit before."""
    land(layout, rows([1]))
    commit = CommitLog(layout.commits).read(1)
    assert commit is not None
    replayed = commit.model_copy(
        update={
            "number": 5,
            "role": Role.MAINTENANCE,
            "left_out": (LeftOut(schema_id=7, fields=("note",)),),
        }
    )
    (problem,) = left_out_problems(layout, [replayed])
    assert "--from-commit 1 --to-commit 5" in problem.advice


def test_commits_of_before_are_read_as_ever(layout: LakeLayout) -> None:
    """They say nothing of fields left out."""
    land(layout, rows([1]))
    path = CommitLog(layout.commits).path(1)
    text = path.read_text().replace(',"left_out":[],"reread":null', "")
    assert "left_out" not in text
    path.write_text(text)
    assert verify(layout).holds
