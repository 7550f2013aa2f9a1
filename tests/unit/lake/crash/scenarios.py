"""What is done to a lake while its operations are recorded."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lake.log.commit_log
import lake.log.folding
import lake.storage.atomic_swap
import lake.write.writer
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange, Role
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.read.quarantine import quarantine_files
from lake.write.batch import Batch
from lake.write.compaction import Compaction
from lake.write.staged_files import stage_trades
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import AT, HOUR, LONG_AFTER, SOURCE
from tests.unit.lake.lakes import trades as rows_from

__all__ = ["ETH", "NEXT_HOUR", "SCENARIOS", "Acknowledge", "killing", "staged"]

Acknowledge = Callable[[], None]
ETH = HOUR.replace("BTC", "ETH")
NEXT_HOUR = HOUR.replace("hour=18", "hour=19")


class Killed(BaseException):
    """Stands for the process ending at this very instruction."""


def staged(
    writer: LakeWriter,
    number: int,
    trades: Mapping[str, range],
    undecodable: int = 0,
    **of_batch: Any,
) -> Batch:
    """A batch as the stream stages it: its files side by side in one folder."""
    rows = sum(map(len, trades.values()))
    start = writer.state.position.get(0, 0)
    batch = Batch(
        folder=writer.staging_folder(number),
        expected_trades=rows,
        expected_quarantined=undecodable,
        source=SOURCE,
        offsets={0: OffsetRange(start=start, end=start + rows + undecodable)},
    )
    files = []
    for at, (folder, ids) in enumerate(trades.items()):
        path = batch.trades / f"part-{at}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = rows_from(list(ids), AT + timedelta(hours=folder == NEXT_HOUR))
        files.append(stage_trades(table, path, folder, "zstd"))
    if undecodable:
        batch.quarantine.mkdir(parents=True)
        records = pa.table({"value": pa.array([b"x"] * undecodable)})
        pq.write_table(records, batch.quarantine / "part-0.parquet")
    return replace(batch, trade_files=files, **of_batch)


def stream(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """New hours and pairs, an hour that gains a file, duplicates, undecodable records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake.write.writer, "STATE_EVERY", 2)
        with LakeWriter.open(layout, run_id="r1") as writer:
            for number, (trades, undecodable) in enumerate(
                [
                    ({HOUR: range(1, 4), ETH: range(1, 3)}, 0),
                    ({HOUR: range(4, 6)}, 1),
                    ({NEXT_HOUR: range(5, 8), ETH: range(3, 5)}, 0),
                ]
            ):
                writer.commit(staged(writer, number, trades, undecodable))
                acknowledge()


def compaction(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """A stream lands, maintenance compacts beside it, late trades come, it compacts again."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        for number, ids in enumerate([range(1, 3), range(3, 5)]):
            writer.commit(staged(writer, number, {HOUR: ids}))
            acknowledge()
        compact(layout, acknowledge)
        writer.commit(staged(writer, 2, {HOUR: range(5, 7)}))
        acknowledge()
        compact(layout, acknowledge)


def compaction_by_two_renames(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """The same on a file system that cannot exchange folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake.storage.atomic_swap, "_exchange", lambda *_: False)
        compaction(layout, acknowledge)


def compact(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """What `kraken-lake compact` does, with commits kept no longer than they have to be."""
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        for _ in Compaction(layout, writer, "zstd").run(read_snapshot(layout), LONG_AFTER):
            acknowledge()
        fold(layout, writer.settle(), datetime.now(UTC))


def folding(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """The log is folded again and again beside a stream, with and without work between."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        for number in range(4):
            ids = range(2 * number + 1, 2 * number + 3)
            writer.commit(staged(writer, number, {HOUR: ids}, number % 2))
            acknowledge()
            compact(layout, acknowledge)
        compact(layout, acknowledge)


def replay(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """Records leave the quarantine; one stays."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        writer.commit(staged(writer, 0, {HOUR: range(1, 3)}, 3))
        acknowledge()
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        writer.commit(
            staged(
                writer,
                0,
                {HOUR: range(3, 5)},
                1,
                source=None,
                offsets=None,
                replaced_quarantine=tuple(quarantine_files(layout)),
            )
        )
        acknowledge()
    with LakeWriter.open(layout, run_id="r2") as writer:
        writer.commit(staged(writer, 0, {HOUR: range(5, 6)}))
        acknowledge()


def killed_stream(point: str) -> Callable[[LakeLayout, Acknowledge], None]:
    """The process is killed, then maintenance comes by, then the stream starts again."""

    def scenario(layout: LakeLayout, acknowledge: Acknowledge) -> None:
        with killing(point), LakeWriter.open(layout, run_id="r1") as writer:
            writer.commit(staged(writer, 0, {HOUR: range(1, 3), ETH: range(1, 2)}))
        with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE):
            pass
        with LakeWriter.open(layout, run_id="r2") as writer:
            missing = range(1 if not writer.state.number else 3, 5)
            writer.commit(staged(writer, 0, {HOUR: missing}))
            acknowledge()

    return scenario


def killed_compaction(point: str) -> Callable[[LakeLayout, Acknowledge], None]:
    """Maintenance is killed, and the stream goes on and finishes what was left."""

    def scenario(layout: LakeLayout, acknowledge: Acknowledge) -> None:
        with LakeWriter.open(layout, run_id="r1") as writer:
            for number, ids in enumerate([range(1, 3), range(3, 5)]):
                writer.commit(staged(writer, number, {HOUR: ids}))
                acknowledge()
            with killing(point):
                compact(layout, lambda: None)
            writer.commit(staged(writer, 2, {HOUR: range(5, 7)}))
            acknowledge()

    return scenario


def killed_fold(point: str) -> Callable[[LakeLayout, Acknowledge], None]:
    """Maintenance is killed while it folds; the stream goes on, and the next one folds the rest."""

    def scenario(layout: LakeLayout, acknowledge: Acknowledge) -> None:
        with LakeWriter.open(layout, run_id="r1") as writer:
            for number in range(4):
                ids = range(2 * number + 1, 2 * number + 3)
                writer.commit(staged(writer, number, {HOUR: ids}))
                acknowledge()
                if number in {1, 3}:
                    compact(layout, acknowledge)
                if number == 2:
                    with killing(point):
                        compact(layout, acknowledge)

    return scenario


@contextmanager
def killing(point: str) -> Iterator[None]:
    """End at the first call of a function: before it, or `:after` it."""
    name, _, after = point.partition(":")
    module_name, _, function = name.rpartition(".")
    module = importlib.import_module(module_name)
    real = getattr(module, function)

    def deadly(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(module, function, deadly)
        yield


SCENARIOS: Mapping[str, Callable[[LakeLayout, Acknowledge], None]] = {
    "stream": stream,
    "compaction": compaction,
    "compaction by two renames": compaction_by_two_renames,
    "replay": replay,
    "folding": folding,
    "fold killed when its manifest is there": killed_fold("lake.log.manifest_store.flush"),
    "fold killed before the summaries": killed_fold("lake.log.folding.save_snapshot"),
    "fold killed before it removes commits": killed_fold("lake.log.folding._remove"),
    "fold killed when it has removed commits": killed_fold("lake.log.folding._remove:after"),
    "stream killed before it publishes": killed_stream("lake.write.writer.publish"),
    "stream killed while it publishes": killed_stream("lake.write.publishing.link:after"),
    "stream killed when it has published": killed_stream("lake.write.writer.publish:after"),
    "compaction killed before its swap": killed_compaction("lake.write.writer.publish"),
    "compaction killed after its swap": killed_compaction(
        "lake.write.publishing.swap_folders:after"
    ),
}
