"""A reader that only lists Parquet files while the other programs are killed."""

import threading
import time
from pathlib import Path

import duckdb


class Onlooker(threading.Thread):
    """Reads repeatedly, and records wrong reads.

    Attributes:
        amiss: A sentence for each wrong read.
        reads: Number of reads.
    """

    def __init__(self, folder: Path, every: float = 0.3) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._every = every
        self._ended = threading.Event()
        self._most = 0
        self.amiss: list[str] = []
        self.reads = 0

    def run(self) -> None:
        """Read until stopped, and pause as long as a read takes, to leave CPU to the programs."""
        pause = self._every
        while not self._ended.wait(pause):
            started = time.monotonic()
            self._read()
            pause = max(self._every, time.monotonic() - started)

    def _read(self) -> None:
        files = [str(path) for path in self._folder.rglob("*.parquet")]
        if not files:
            return
        self.reads += 1
        try:
            rows, different = count(files)
        except duckdb.Error as error:
            self.amiss.append(str(error))
            return
        if rows != different:
            self.amiss.append(f"{rows - different} trades twice")
        if rows < self._most:
            self.amiss.append(f"{self._most - rows} trades vanished")
        self._most = max(self._most, rows)

    def end(self) -> None:
        """Stop reading."""
        self._ended.set()
        self.join()


def count(files: list[str]) -> tuple[int, int]:
    """How many rows these files have, and how many different trades."""
    (row,) = duckdb.execute(
        "SELECT count(*), count(DISTINCT (symbol, trade_id)) "
        "FROM read_parquet(?, hive_partitioning = true)",
        [files],
    ).fetchall()
    return row
