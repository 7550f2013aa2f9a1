"""The newest trades of a pair, and the last trade of every pair."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from console.lake_view.pair_files import PairFiles
from console.lake_view.sql import Reader
from lake.log.commit import DataFile

__all__ = ["Trade", "Trades"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST: Final = """
    SELECT trade_id, epoch_us(executed_at), price, volume, side, order_type
    FROM read_parquet($files, hive_partitioning = false)
    ORDER BY trade_id DESC LIMIT $most
"""
_LAST: Final = """
    SELECT filename, max(trade_id), arg_max(epoch_us(executed_at), trade_id),
           arg_max(price, trade_id), arg_max(volume, trade_id), arg_max(side, trade_id),
           arg_max(order_type, trade_id)
    FROM read_parquet($files, hive_partitioning = false, filename = true)
    GROUP BY filename
"""


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade as the tape shows it."""

    trade_id: int
    executed_at: datetime
    price: Decimal
    volume: Decimal
    side: str
    order_type: str


class Trades:
    """Reads trades from the files with the highest ids."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._last: dict[str, Trade] = {}

    def newest(self, pair: PairFiles, count: int) -> list[Trade]:
        """Return a pair's trades with the highest ids, newest first.

        Raises:
            TooSlow, duckdb.Error: As `Reader.rows`; or as `Reader.names`.
        """
        return self._read(pair.newest_files(count), count)

    def of_files(self, files: Sequence[DataFile], count: int) -> list[Trade]:
        """Return the newest trades of some files, newest first.

        Raises:
            TooSlow, duckdb.Error: As `Reader.rows`; or as `Reader.names`.
        """
        return self._read(files, count)

    def last(self, pairs: Sequence[PairFiles]) -> dict[str, Trade]:
        """Return the trade with the highest id of each pair, per pair folder.

        Each is read once: as long as a pair's highest id is the same, so is its last trade.

        Raises:
            TooSlow, duckdb.Error: As `Reader.rows`; or as `Reader.names`.
        """
        with self._lock:
            new = {
                pair.folder: pair.newest_files(1)[0]
                for pair in pairs
                if (known := self._last.get(pair.folder)) is None
                or known.trade_id != pair.last_id()
            }
            if new:
                self._last |= self._of_each(new)
            return {pair.folder: self._last[pair.folder] for pair in pairs}

    def _of_each(self, files: dict[str, DataFile]) -> dict[str, Trade]:
        names = self._reader.names(list(files.values()))
        folders = dict(zip(names, files, strict=True))
        rows = self._reader.rows(_LAST, {"files": names})
        return {folders[row[0]]: _trade(*row[1:]) for row in rows}

    def _read(self, files: Sequence[DataFile], count: int) -> list[Trade]:
        if not files:
            return []
        rows = self._reader.rows(_NEWEST, {"files": self._reader.names(files), "most": count})
        return [_trade(*row) for row in rows]


def _trade(  # noqa: PLR0913, PLR0917 - one parameter per column
    trade_id: int,
    micros: int,
    price: Decimal,
    volume: Decimal,
    side: str,
    order_type: str,
) -> Trade:
    return Trade(trade_id, _EPOCH + timedelta(microseconds=micros), price, volume, side, order_type)
