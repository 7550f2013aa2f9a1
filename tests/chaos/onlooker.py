"""Readers that look on while the programs that write are killed."""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

__all__ = ["CountingOnlooker", "Onlooker", "ids_in", "watched"]


class Onlooker(threading.Thread, ABC):
    """Looks again and again until it is ended, and notes what is wrong.

    Args:
        every: Seconds between two looks. It pauses for as long as a look takes, at least: the
            programs need the processor, too.

    Attributes:
        amiss: A sentence for each wrong look.
        reads: Number of looks that had something to read.
    """

    def __init__(self, every: float = 0.01) -> None:
        super().__init__(daemon=True)
        self._every = every
        self._ended = threading.Event()
        self.amiss: list[str] = []
        self.reads = 0

    @abstractmethod
    def look(self) -> None:
        """Look once."""

    def run(self) -> None:
        """Look until ended. An error is one of the things that a reader must never see."""
        pause = self._every
        while not self._ended.wait(pause):
            started = time.monotonic()
            try:
                self.look()
            except Exception as error:  # noqa: BLE001
                self.amiss.append(f"{type(self).__name__}: {error!r}")
            pause = max(self._every, time.monotonic() - started)

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()


_PATIENCE = 30.0
_Onlooker = TypeVar("_Onlooker", bound=Onlooker)


@contextmanager
def watched(onlooker: _Onlooker) -> Iterator[_Onlooker]:
    """It looks on during the block, and has seen nothing wrong at the end."""
    onlooker.start()
    try:
        yield onlooker
        # On a busy machine all may be over before its first look.
        deadline = time.monotonic() + _PATIENCE
        while not onlooker.reads and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        onlooker.end()
    assert onlooker.amiss == []
    assert onlooker.reads


def ids_in(folder: Path) -> list[int]:
    """List the Parquet files below a folder, and read their trade ids.

    Files may be gone that have just been listed: then they are listed again.
    """
    while True:
        files = [f"{parent}/{name}" for parent, _, names in os.walk(folder) for name in names]
        try:
            rows = duckdb.execute(
                "SELECT trade_id FROM read_parquet(?)", [files or ["/none"]]
            ).fetchall()
        except duckdb.IOException:
            if not files:
                return []
        else:
            return [trade_id for (trade_id,) in rows]


class CountingOnlooker(Onlooker):
    """Lists Parquet files, which nobody may replace meanwhile, and counts their trades."""

    def __init__(self, folder: Path) -> None:
        super().__init__(every=0.3)
        self._folder = folder
        self._most = 0

    def look(self) -> None:
        """Count once."""
        files = [str(path) for path in self._folder.rglob("*.parquet")]
        if not files:
            return
        self.reads += 1
        (row,) = duckdb.execute(
            "SELECT count(*), count(DISTINCT (symbol, trade_id)) "
            "FROM read_parquet(?, hive_partitioning = true)",
            [files],
        ).fetchall()
        rows, different = row
        if rows != different:
            self.amiss.append(f"{rows - different} trades twice")
        if rows < self._most:
            self.amiss.append(f"{self._most - rows} trades vanished")
        self._most = max(self._most, rows)
