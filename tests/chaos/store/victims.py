"""A stream and a maintenance of a lake in an object store, as processes that end at a request.

They are forked from a server that has everything imported, so that hundreds of them can die in a
few minutes. The library that speaks to the store is imported by each for itself, since its threads
do not survive a fork.
"""

import os
import random
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import pyarrow as pa

from lake.errors import WriterFenced
from lake.layout import LakeLayout, folder_of
from lake.log.commit import OffsetRange, Role, Source
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.storage.object_client import ObjectClient
from lake.storage.object_path import lake_path
from lake.write.batch import Batch
from lake.write.compaction import Compacted, Compaction
from lake.write.staged_files import stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter

__all__ = ["FENCED", "IDS_PER_HOUR", "REQUESTS", "SYMBOL", "Life", "compact", "land", "layout_of"]

SYMBOL: Final = "BTC/USD"
IDS_PER_HOUR: Final = 200
FENCED: Final = 3
"""The exit status of a program whose role another one has taken."""

REQUESTS: Final = ("get", "head", "put", "create", "copy", "delete", "list")

_SOURCE: Final = Source(cluster_id="made up", topic="made.up", topic_id="1")
_BATCHES: Final = 6
_MOST: Final = 120
"""Trades of a batch at most: parts of one or two hours."""


@dataclass(frozen=True)
class Life:
    """How a program runs.

    Attributes:
        seed: what its batches are made by.
        ends_at: the request at which it gets `signal`; 0 for none.
        after: whether the store has carried that request out.
        signal: SIGKILL, or SIGSTOP.
    """

    seed: int
    ends_at: int = 0
    after: bool = False
    signal: int = signal.SIGKILL


def layout_of(address: str) -> LakeLayout:
    """The lake at an address."""
    return LakeLayout(lake_path(address), "KRAKEN")


def land(address: str, environment: Mapping[str, str], life: Life) -> None:
    """Land some batches, each after the last one that landed."""
    _begin(environment, life)
    chance = random.Random(life.seed)
    try:
        with LakeWriter.open(layout_of(address), run_id=_run_id(life)) as writer:
            for number in range(_BATCHES):
                _land_one(writer, number, chance)
    except WriterFenced:
        sys.exit(FENCED)


def compact(address: str, environment: Mapping[str, str], life: Life, passes: int = 2) -> None:
    """Merge every hour, pass after pass, and fold the log."""
    _begin(environment, life)
    layout = layout_of(address)
    try:
        for number in range(passes) if passes else count():
            run_id = f"{_run_id(life)}x{number}"
            with LakeWriter.open(layout, run_id=run_id, role=Role.MAINTENANCE) as writer:
                now = datetime.now(UTC)
                # Also the hours that the stream is at work on: they are all long past.
                for outcome in Compaction(layout, writer, "zstd").run(read_snapshot(layout), now):
                    if not isinstance(outcome, Compacted):
                        raise outcome
                fold(layout, writer.settle(), now)
    except WriterFenced:
        sys.exit(FENCED)


def _land_one(writer: LakeWriter, number: int, chance: random.Random) -> None:
    start = writer.state.position.get(0, 0)
    end = start + chance.randint(1, _MOST)
    again = chance.choice([0, 0, 0, 5])
    ids = range(max(1, start + 1 - again), end + 1)
    folder = writer.staging_folder(number)
    files = []
    for hour in sorted({trade_id // IDS_PER_HOUR for trade_id in ids}):
        inside = [trade_id for trade_id in ids if trade_id // IDS_PER_HOUR == hour]
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        place = folder_of(at, SYMBOL)
        table = pa.table(
            {
                "trade_id": pa.array(inside, pa.int64()),
                "executed_at": pa.array([at] * len(inside), pa.timestamp("us", "UTC")),
            }
        )
        path = trade_file(folder, place, f"part-{len(files)}")
        files.append(stage_trades(table, path, place, "zstd"))
    writer.commit(
        Batch(
            folder=folder,
            expected_trades=len(ids),
            expected_quarantined=0,
            source=_SOURCE,
            offsets={0: OffsetRange(start=start, end=end)},
            trade_files=files,
            undecodable_files=[],
        )
    )


def _run_id(life: Life) -> str:
    return f"{life.seed:x}-{os.getpid()}"


def _begin(environment: Mapping[str, str], life: Life) -> None:
    os.environ.update(environment)
    if life.ends_at:
        _Requests(life)


class _Requests:
    """Counts the requests of this process, and ends it at one of them."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._count = 0
        self._lock = threading.Lock()
        for name in REQUESTS:
            self._watch(name, getattr(ObjectClient, name))

    def _watch(self, name: str, real: Any) -> None:
        def counted(*args: Any, **named: Any) -> Any:
            with self._lock:
                self._count += 1
                is_last = self._count == self._life.ends_at
            if is_last and not self._life.after:
                self._end()
            # A list is read as it is asked for: all of it, so that it has been carried out.
            answer = list(real(*args, **named)) if name == "list" else real(*args, **named)
            if is_last and self._life.after:
                self._end()
            return iter(answer) if name == "list" else answer

        setattr(ObjectClient, name, counted)

    def _end(self) -> None:
        os.kill(os.getpid(), self._life.signal)
