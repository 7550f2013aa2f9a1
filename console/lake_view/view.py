"""All that pages ask of the lake, with another attempt while compaction replaces files."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

import duckdb

from console.errors import NoLake
from console.lake_view.candle_cache import CandleCache
from console.lake_view.index import LakeIndex, Landing
from console.lake_view.pair_files import PairFiles
from console.lake_view.sql import Reader
from console.lake_view.trades import Trades
from console.lake_view.warming import warm
from lake.errors import LakeDamaged, LakeUnwritable
from lake.layout import LakeLayout
from lake.read.listing_retry import retry_listing
from lake.verify.verified_record import VerifiedRecord, read_record

__all__ = ["LakeView"]

T = TypeVar("T")
_FOLLOW_EVERY: Final = 0.2
_IN_STORE_EVERY: Final = 1.0
_UNSEEN_EVERY: Final = 20.0
"""Seconds between two looks at a log in an object store while nobody looks at a page."""
_SEEN_FOR: Final = 60.0
_CATCH_UP: Final = 2.0
"""Seconds that the first page after such a time may wait for what has landed since."""
_RECORD_EVERY: Final = 5.0


class LakeView:
    """The lake, followed by a thread of its own, and read once by another after the start.

    A lake in an object store, where requests are paid for, is followed once a second while somebody
    looks at a page, and nothing of it is read that no page has asked for.

    Attributes:
        index: its files.
        candles: its candles.
        trades: its newest trades.
    """

    def __init__(self, layout: LakeLayout) -> None:
        self._reader = Reader(layout)
        self.index = LakeIndex(layout)
        self.candles = CandleCache(self._reader)
        self.trades = Trades(self._reader)
        self._seen_at = time.monotonic()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._record, self._record_at = VerifiedRecord(), -_RECORD_EVERY

    def start(self) -> None:
        """Read the log, and follow it."""
        self.index.refresh()
        if self.index.layout.is_on_store:
            self._threads = [threading.Thread(target=self._follow_store, daemon=True)]
        else:
            warming = (self.index, self.candles, self._stop)
            self._threads = [
                threading.Thread(target=self._follow, daemon=True),
                threading.Thread(target=warm, args=warming, daemon=True),
            ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def look(self) -> None:
        """Note that somebody looks at a page of a lake in a store; it shows what had landed before.

        A store that does not answer soon is not waited for: the page shows what is known.
        """
        if time.monotonic() - self._seen_at > _SEEN_FOR:
            refresh = threading.Thread(target=self.index.refresh, daemon=True)
            refresh.start()
            refresh.join(_CATCH_UP)
        self._seen_at = time.monotonic()

    def read(self, folder: str, read: Callable[[PairFiles], T]) -> T:
        """Return what `read` makes of a pair's files; call it again if compaction replaced some.

        Raises:
            NotThere: The lake has no such pair.
            TooSlow: It took too long.
            duckdb.Error: A file cannot be read.
            LakeDamaged: An object is gone, or not as it was committed.
            LakeUnwritable: The store did not answer, or there is no room for copies.
        """
        return self._retried(lambda: read(self.index.pair(folder)))

    def read_all(self, read: Callable[[list[PairFiles]], T]) -> T:
        """Return what `read` makes of all pairs' files, as `read` does for one."""
        return self._retried(lambda: read(self.index.pairs()))

    def read_quarantine(self, read: Callable[[Sequence[str]], T]) -> T:
        """Return what `read` makes of the names of the files in quarantine, as `read` does."""
        return self._retried(lambda: read(self._reader.names(self.index.quarantined())))

    def landings(self, after: int) -> list[Landing]:
        """Return the stream's recent commits after one number, for somebody who looks at them."""
        self._seen_at = time.monotonic()
        return self.index.landings(after)

    def record(self) -> VerifiedRecord:
        """Return what verifications have proved, as of the last seconds.

        While a store does not answer, it is what was known before.
        """
        if time.monotonic() - self._record_at >= _RECORD_EVERY:
            with suppress(LakeUnwritable):
                self._record = read_record(self.index.layout)
            self._record_at = time.monotonic()
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
            except (duckdb.IOException, FileNotFoundError):
                self.index.refresh()
                raise

        try:
            return retry_listing(attempt)
        except FileNotFoundError as error:
            raise LakeDamaged(
                f"{error.filename} is not there, although the commit log names it. "
                "`kraken-lake verify` names all that is missing; restore it from a copy of the "
                "lake."
            ) from error

    def _follow(self) -> None:
        while not self._stop.wait(_FOLLOW_EVERY):
            self.index.refresh()

    def _follow_store(self) -> None:
        looked_at = time.monotonic()
        while not self._stop.wait(_IN_STORE_EVERY):
            now = time.monotonic()
            if now - self._seen_at <= _SEEN_FOR or now - looked_at >= _UNSEEN_EVERY:
                self.index.refresh()
                looked_at = now
