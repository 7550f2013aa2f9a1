"""Keeps the candles of hours that were read once, as long as their trades are the same."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.errors import TooSlow
from console.lake_view.candles import CANDLES, Candle, merged, rolled
from console.lake_view.pair_files import HourFiles, PairFiles
from console.lake_view.sql import Reader
from lake.id_ranges import IdRanges
from lake.log.commit import DataFile

__all__ = ["CandleCache"]

_LEVELS: Final = (3600, 60, 1)
"""What is kept: candles of an hour, a minute, a second. All others are made from these."""
_MOST_CANDLES: Final = 500_000
_FILES_AT_ONCE: Final = 1000
_ROWS_AT_ONCE: Final = 1_000_000
"""What is read at a time. What was read is kept, so that another request goes on from there."""
_SECONDS: Final = 15.0

_Key = tuple[str, datetime, int]


@dataclass(frozen=True)
class _Kept:
    """The candles of one hour.

    A file is known by its path and checksum. After compaction the files are others, but the ids
    are the same: then the candles are, too.
    """

    files: frozenset[tuple[str, str]]
    ids: IdRanges
    candles: tuple[Candle, ...]


class CandleCache:
    """Reads candles from the lake's files, each hour once.

    An hour that gets more files has only those read. It keeps about half a million candles and
    forgets those that were not asked for longest. A pair that takes long holds up no other pair.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._count = 0

    def candles(self, pair: PairFiles, start: datetime, end: datetime, width: int) -> list[Candle]:
        """Return the candles of a time span, oldest first; spans without a trade have none.

        Args:
            pair: the pair's files.
            start: the first moment of the span, UTC.
            end: the moment after the last.
            width: seconds of each candle.

        Raises:
            TooSlow: The files could not be read in time, or the pair was read for another page.
            duckdb.Error: A file cannot be read; or as `Reader.names`.
        """
        level = next(one for one in _LEVELS if width >= one)
        hour_of_start = start.replace(minute=0, second=0, microsecond=0)
        inside = [pair.hours[at] for at in sorted(pair.hours) if hour_of_start <= at < end]
        with self._turn(pair.folder):
            found = self._all(pair.folder, inside, level)
        first = int(start.timestamp()) // width * width
        return [candle for candle in rolled(found, width) if first <= candle.at < end.timestamp()]

    @contextmanager
    def _turn(self, folder: str) -> Iterator[None]:
        """Let one request read a pair at a time: another one finds what it has read."""
        with self._lock:
            turn = self._turns.setdefault(folder, threading.Lock())
        if not turn.acquire(timeout=_SECONDS):
            raise TooSlow(
                f"{folder} is being read for another page, which takes long. Try again in a moment."
            )
        try:
            yield
        finally:
            turn.release()

    def _all(self, folder: str, hours: Sequence[HourFiles], level: int) -> list[Candle]:
        # Held here, since requests for other pairs may make the cache forget them meanwhile.
        found: dict[datetime, tuple[Candle, ...]] = {}
        wanted: list[tuple[HourFiles, list[DataFile], _Kept | None]] = []
        count = rows = 0
        until = time.monotonic() + _SECONDS
        for hour in hours:
            files, before = self._to_read(hour, self._known((folder, hour.hour, level)))
            if files:
                wanted.append((hour, files, before))
                count += len(files)
                rows += sum(file.rows for file in files)
            elif before is not None:
                found[hour.hour] = before.candles
                self._keep((folder, hour.hour, level), hour, before.candles)
            if count >= _FILES_AT_ONCE or rows >= _ROWS_AT_ONCE:
                found |= self._read(folder, wanted, level)
                self._forget(len(hours))
                wanted, count, rows = [], 0, 0
                if time.monotonic() > until:
                    raise TooSlow(
                        f"{folder} has many trades in this time span, which are being read for the "
                        "first time. Ask again: it goes on from here."
                    )
        if wanted:
            found |= self._read(folder, wanted, level)
        self._forget(len(hours))
        return [candle for hour in hours for candle in found[hour.hour]]

    def _to_read(
        self, hour: HourFiles, before: _Kept | None
    ) -> tuple[list[DataFile], _Kept | None]:
        """Return the files that must be read, and what is known already."""
        if before is not None:
            if before.ids == hour.ids:
                return [], before
            new = [one for one in hour.files.values() if _identity(one) not in before.files]
            if before.files <= _identities(hour):
                return new, before
        return list(hour.files.values()), None

    def _read(
        self,
        folder: str,
        wanted: Sequence[tuple[HourFiles, Sequence[DataFile], _Kept | None]],
        level: int,
    ) -> dict[datetime, tuple[Candle, ...]]:
        names = self._reader.names([file for _, files, _ in wanted for file in files])
        rows = self._reader.rows(CANDLES, {"files": names, "width": level})
        by_hour: dict[int, list[Candle]] = {}
        for row in rows:
            candle = Candle(*row)
            by_hour.setdefault(candle.at // 3600, []).append(candle)
        found = {}
        for hour, _, before in wanted:
            new = by_hour.get(int(hour.hour.timestamp()) // 3600, [])
            found[hour.hour] = tuple(new if before is None else _joined([*before.candles, *new]))
            self._keep((folder, hour.hour, level), hour, found[hour.hour])
        return found

    def _known(self, key: _Key) -> _Kept | None:
        with self._lock:
            return self._kept.get(key)

    def _keep(self, key: _Key, hour: HourFiles, candles: tuple[Candle, ...]) -> None:
        with self._lock:
            if before := self._kept.pop(key, None):
                self._count -= len(before.candles)
            self._kept[key] = _Kept(_identities(hour), hour.ids, candles)
            self._count += len(candles)

    def _forget(self, least: int) -> None:
        """Forget the candles that were not asked for longest, but for the newest few hours."""
        with self._lock:
            while self._count > _MOST_CANDLES and len(self._kept) > least:
                _, gone = self._kept.popitem(last=False)
                self._count -= len(gone.candles)


def _joined(candles: Sequence[Candle]) -> list[Candle]:
    spans: dict[int, list[Candle]] = {}
    for candle in candles:
        spans.setdefault(candle.at, []).append(candle)
    return [merged(at, spans[at]) for at in sorted(spans)]


def _identity(file: DataFile) -> tuple[str, str]:
    return file.path, file.checksum


def _identities(hour: HourFiles) -> frozenset[tuple[str, str]]:
    return frozenset(_identity(file) for file in hour.files.values())
