from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

import lake.write.publishing
import lake.write.writer
from lake.errors import LakeDamaged, LakeUnwritable, StagingIncomplete, WriterFenced
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange, Role
from lake.write.batch import Author
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, StageBatch, landed_ids, write_trades


class Killed(Exception):
    """Stands for the process ending at this very instruction."""


def open_writer(layout: LakeLayout, run_id: str = "r1") -> AbstractContextManager[LakeWriter]:
    """The lake's writer, as the stream opens it."""
    return LakeWriter.open(layout, run_id=run_id)


def test_a_committed_batch_is_what_a_reader_lists(layout: LakeLayout, stage: StageBatch) -> None:
    """Files are in their partition's folder, and nothing else is below the exchange's folder."""
    with open_writer(layout) as writer:
        commit = writer.commit(stage(writer, 0, [1, 2, 3], end=4))
    assert (commit.number, commit.rows, commit.offsets) == (1, 3, {0: OffsetRange(start=0, end=4)})
    (file,) = [path for path in layout.trades.rglob("*") if path.is_file()]
    assert file.relative_to(layout.base).as_posix() == commit.files[0].path
    assert file.parent == layout.trades / HOUR
    assert file.name.startswith("part-")
    assert not list(layout.platform.rglob("*.parquet"))


def test_an_empty_batch_moves_the_position_alone(layout: LakeLayout, stage: StageBatch) -> None:
    """Control records take offsets too: a range without a trade is a commit without a file."""
    with open_writer(layout) as writer:
        commit = writer.commit(stage(writer, 0, [], end=7))
        assert writer.state.position == {0: 7}
    assert commit.files == ()


def test_the_next_run_goes_on_from_the_log(layout: LakeLayout, stage: StageBatch) -> None:
    """A new process knows position and trades without Spark's checkpoint."""
    with open_writer(layout) as writer:
        writer.commit(stage(writer, 0, [1, 2], end=2))
        writer.commit(stage(writer, 1, [3], end=3))
    with open_writer(layout, "r2") as writer:
        assert (writer.state.number, writer.state.position) == (2, {0: 3})
        writer.commit(stage(writer, 0, [4], end=4))
    assert landed_ids(layout) == [1, 2, 3, 4]


def test_killed_before_the_commit_nothing_has_happened(
    layout: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staging is dropped and the same range is landed by the next run."""
    with pytest.raises(Killed), open_writer(layout) as writer, monkeypatch.context() as patch:
        patch.setattr(lake.write.writer, "drop_duplicates", _killed)
        writer.commit(stage(writer, 0, [1, 2], end=2))
    assert landed_ids(layout) == []
    with open_writer(layout, "r2") as writer:
        assert writer.state.position == {}
        assert not layout.staging("stream").exists()
        writer.commit(stage(writer, 0, [1, 2], end=2))
    assert landed_ids(layout) == [1, 2]


@pytest.mark.parametrize("links_done", [0, 1, 2])
def test_killed_after_the_commit_the_next_start_finishes_it(
    layout: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch, links_done: int
) -> None:
    """However many of the files were in place, each trade is there once in the end."""
    calls = 0
    real_link = lake.write.publishing.link

    def link_until_killed(source: Path, target: Path) -> None:
        nonlocal calls
        if calls == links_done:
            raise Killed
        calls += 1
        real_link(source, target)

    with pytest.raises(Killed), open_writer(layout) as writer:
        batch = stage(writer, 0, [1, 2], end=4)
        write_trades(batch.trades / HOUR.replace("BTC", "ETH") / "part-0.parquet", [1, 2])
        batch = replace(batch, expected_trades=4)
        with monkeypatch.context() as patch:
            patch.setattr(lake.write.publishing, "link", link_until_killed)
            patch.setattr(lake.write.writer.shutil, "rmtree", _killed)
            writer.commit(batch)
    assert len(landed_ids(layout)) == 2 * links_done
    with open_writer(layout, "r2") as writer:
        assert writer.state.position == {0: 4}
    assert landed_ids(layout) == [1, 1, 2, 2]


def test_a_trade_that_has_landed_is_left_out(layout: LakeLayout, stage: StageBatch) -> None:
    """A source that hands trades over again adds only the new ones, across runs."""
    with open_writer(layout) as writer:
        writer.commit(stage(writer, 0, range(1, 6), end=5))
    with open_writer(layout, "r2") as writer:
        commit = writer.commit(stage(writer, 0, [3, 4, 5, 6, 6, 7], end=11))
        assert (commit.rows, commit.duplicates_dropped) == (2, 4)
        again = writer.commit(stage(writer, 1, [1, 2], end=13))
        assert (again.files, again.duplicates_dropped) == ((), 2)
    assert landed_ids(layout) == [1, 2, 3, 4, 5, 6, 7]


def test_the_same_id_of_another_symbol_is_another_trade(
    layout: LakeLayout, stage: StageBatch
) -> None:
    """Ids count within a pair."""
    with open_writer(layout) as writer:
        writer.commit(stage(writer, 0, [1], end=1))
        writer.commit(stage(writer, 1, [1], end=2, folder=HOUR.replace("BTC", "ETH")))
    assert landed_ids(layout) == [1, 1]


def test_a_writer_that_lost_its_number_publishes_nothing(
    layout: LakeLayout, stage: StageBatch
) -> None:
    """Two writers, however they came about, cannot both land a batch."""
    with open_writer(layout) as writer:
        batch = stage(writer, 0, [1], end=1)
        other = LakeWriter(Author(layout, Role.STREAM, "r2"), "zstd")
        other.commit(stage(other, 0, [1], end=1))
        with pytest.raises(WriterFenced):
            writer.commit(batch)
    assert landed_ids(layout) == [1]


def test_rows_missing_from_staging_stop_the_batch(layout: LakeLayout, stage: StageBatch) -> None:
    """A file that Spark did not finish is never committed."""
    with open_writer(layout) as writer:
        batch = stage(writer, 0, [1, 2], end=2)
        with pytest.raises(StagingIncomplete, match="2 rows where 3"):
            writer.commit(replace(batch, expected_trades=3))
        assert writer.state.number == 0
    assert landed_ids(layout) == []


def test_a_committed_file_that_is_nowhere_is_damage(layout: LakeLayout, stage: StageBatch) -> None:
    """The next start says which file to restore."""
    with open_writer(layout) as writer:
        commit = writer.commit(stage(writer, 0, [1], end=1))
    (layout.base / commit.files[0].path).unlink()
    with pytest.raises(LakeDamaged, match="part-"), open_writer(layout, "r2"):
        pass


def test_a_full_disk_is_reported_and_loses_nothing(
    layout: LakeLayout, stage: StageBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the remedy; the batch lands once there is room again."""
    with open_writer(layout) as writer:
        batch = stage(writer, 0, [1], end=1)
        with monkeypatch.context() as patch:
            patch.setattr(lake.write.writer, "drop_duplicates", _no_space)
            with pytest.raises(LakeUnwritable, match="No space left on device"):
                writer.commit(batch)
        writer.commit(batch)
    assert landed_ids(layout) == [1]


def _killed(*_: object, **__: object) -> None:
    raise Killed


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_the_other_role_may_commit_in_between(layout: LakeLayout, stage: StageBatch) -> None:
    """Stream and maintenance share the log: each takes the next number, and the position holds."""
    with open_writer(layout) as stream:
        stream.commit(stage(stream, 0, [1, 2], end=5))
        with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as maintenance:
            found = replace(stage(maintenance, 0, [2, 9], end=0), source=None, offsets=None)
            assert maintenance.commit(found).rows == 1
        commit = stream.commit(stage(stream, 1, [3, 9], end=8))
        assert (commit.number, commit.rows, commit.duplicates_dropped) == (3, 1, 1)
        assert stream.state.position == {0: 8}
    assert landed_ids(layout) == [1, 2, 3, 9]


def test_what_fails_while_the_lake_is_held_is_not_laid_to_the_storage(layout: LakeLayout) -> None:
    """A connection that is refused is not a full disk."""
    with pytest.raises(ConnectionRefusedError), open_writer(layout):
        raise ConnectionRefusedError
    with open_writer(layout, "r2"):
        pass
