"""The folders of a lake: those that readers list, and those that the platform keeps beside them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = [
    "LakeLayout",
    "folder_of",
    "hour_of_path",
    "symbol_from_folder",
    "symbol_of_path",
    "symbol_to_folder",
]

_PARTITION_COLUMNS = ("year", "month", "day", "hour", "symbol")
"""Hive partition columns of the trades, outermost first: UTC event time, then the pair."""


@dataclass(frozen=True)
class LakeLayout:
    """Every folder of one exchange's lake.

    Only `trades` is for readers. Everything else is in `_platform`, beside it and never below it,
    so that a reader that lists `EXCHANGE/**/*.parquet` finds only trades.

    Attributes:
        base: the absolute folder BASE_OUTPUT_PATH.
        exchange: the venue's name, also the folder's: KRAKEN.
    """

    base: Path
    exchange: str

    @property
    def trades(self) -> Path:
        """`KRAKEN/`: partitioned Parquet files of trades, complete, and nothing else."""
        return self.base / self.exchange

    @property
    def platform(self) -> Path:
        """`_platform/KRAKEN/`: all that is not for readers."""
        return self.base / "_platform" / self.exchange

    @property
    def commits(self) -> Path:
        """The commit log: one JSON file per commit, numbered without a gap from 1."""
        return self.platform / "commits"

    def staging(self, role: str) -> Path:
        """Return the folder where one role's batches are written before they are published."""
        return self.platform / "staging" / role

    @property
    def quarantine(self) -> Path:
        """Records that could not be decoded, with their raw bytes, as Parquet."""
        return self.platform / "quarantine"

    @property
    def checkpoints(self) -> Path:
        """Spark's own checkpoints: one temporary folder per run."""
        return self.platform / "checkpoints"

    def lock_file(self, role: str) -> Path:
        """Return the file that the process with this role locks with flock(2)."""
        return self.platform / f"{role}.lock"

    def relative(self, path: Path) -> str:
        """Return the path as the commit log writes it: relative to `base`, with forward slashes."""
        return path.relative_to(self.base).as_posix()


def symbol_from_folder(folder: str) -> str:
    """Convert a partition folder's value to the canonical symbol: `BTC_USD` to `BTC/USD`."""
    return folder.replace("_", "/")


def symbol_to_folder(symbol: str) -> str:
    """Convert a symbol to its partition folder's value: `BTC/USD` to `BTC_USD`."""
    return symbol.replace("/", "_")


def folder_of(hour: datetime, symbol: str) -> str:
    """Return the partition folders of one pair's trades in one hour, relative to `trades`.

    Args:
        hour: any time in that hour, UTC.
        symbol: the canonical symbol, `BTC/USD`.
    """
    values = (hour.year, hour.month, hour.day, hour.hour, symbol_to_folder(symbol))
    pairs = zip(_PARTITION_COLUMNS, values, strict=True)
    return "/".join(f"{column}={value}" for column, value in pairs)


def symbol_of_path(path: str) -> str:
    """Return the symbol folder's value in a data file's path: `BTC_USD`.

    Raises:
        ValueError: The path has no `symbol=` folder.
    """
    return _partition_value(path, "symbol")


def hour_of_path(path: str) -> datetime:
    """Return the start of the hour that a data file's path names, UTC.

    Raises:
        ValueError: The path lacks one of the folders, or its value is not a number.
    """
    year, month, day, hour = (int(_partition_value(path, part)) for part in _PARTITION_COLUMNS[:4])
    return datetime(year, month, day, hour, tzinfo=UTC)


def _partition_value(path: str, column: str) -> str:
    for part in reversed(path.split("/")):
        if part.startswith(f"{column}="):
            return part.removeprefix(f"{column}=")
    raise ValueError(f"{path} is not in a {column}= folder")
