"""All that pages ask of the lake, with another attempt while compaction replaces files."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import duckdb

from console.errors import NoLake
from console.lake_view.candle_cache import CandleCache
from console.lake_view.index import LakeIndex
from console.lake_view.pair_files import PairFiles
from console.lake_view.sql import Reader
from console.lake_view.trades import Trades
from console.lake_view.warming import warm
from lake.layout import LakeLayout
from lake.read.listing_retry import retry_listing
from lake.storage.object_path import on_disk
from lake.verify.verified_record import VerifiedRecord, read_record

__all__ = ["LakeView"]

T = TypeVar("T")
_FOLLOW_EVERY: Final = 0.2
_RECORD_EVERY: Final = 5.0


class LakeView:
    """The lake, followed by a thread of its own, and read once by another after the start.

    Attributes:
        index: its files.
        candles: its candles.
        trades: its newest trades.
    """

    def __init__(self, layout: LakeLayout) -> None:
        reader = Reader(on_disk(layout.base, "`kraken-lake console`"))
        self.index = LakeIndex(layout)
        self.candles = CandleCache(self.index, reader)
        self.trades = Trades(self.index, reader)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._record, self._record_at = VerifiedRecord(), -_RECORD_EVERY

    def start(self) -> None:
        """Read the log, and follow it."""
        self.index.refresh()
        self._threads = [
            threading.Thread(target=self._follow, daemon=True),
            threading.Thread(target=warm, args=(self.index, self.candles, self._stop), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def read(self, folder: str, read: Callable[[PairFiles], T]) -> T:
        """Return what `read` makes of a pair's files; call it again if compaction replaced some.

        Raises:
            NotThere: The lake has no such pair.
            TooSlow: It took too long.
            duckdb.Error: A file cannot be read.
        """
        return self._retried(lambda: read(self.index.pair(folder)))

    def read_all(self, read: Callable[[list[PairFiles]], T]) -> T:
        """Return what `read` makes of all pairs' files, as `read` does for one."""
        return self._retried(lambda: read(self.index.pairs()))

    def record(self) -> VerifiedRecord:
        """Return what verifications have proved, as of the last seconds."""
        if time.monotonic() - self._record_at >= _RECORD_EVERY:
            self._record, self._record_at = read_record(self.index.layout), time.monotonic()
        return self._record

    def require_lake(self) -> None:
        """Refuse a folder without a lake.

        Raises:
            NoLake: There is none.
        """
        if not self.index.exists:
            layout = self.index.layout
            raise NoLake(
                f"There is no lake of {layout.exchange} in {layout.base}. Start the pipeline with "
                "`make run` or `make demo`, or set BASE_OUTPUT_PATH and EXCHANGE to where it is."
            )

    def _retried(self, read: Callable[[], T]) -> T:
        def attempt() -> T:
            try:
                return read()
            except duckdb.IOException:
                self.index.refresh()
                raise

        return retry_listing(attempt)

    def _follow(self) -> None:
        while not self._stop.wait(_FOLLOW_EVERY):
            self.index.refresh()
