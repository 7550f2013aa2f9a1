"""The folders of a lake: what a reader lists, and what the platform keeps beside it."""

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

    Only `trades` is for readers. All else lies under `_platform`, beside it and never below it,
    so that a reader who lists `EXCHANGE/**/*.parquet` meets trades alone.

    Attributes:
        base: the absolute folder BASE_OUTPUT_PATH.
        exchange: the venue's name, also the folder's: KRAKEN.
    """

    base: Path
    exchange: str

    @property
    def trades(self) -> Path:
        """`KRAKEN/`: partitioned Parquet files of trades, whole and nothing else."""
        return self.base / self.exchange

    @property
    def platform(self) -> Path:
        """`_platform/KRAKEN/`: all that is not for readers."""
        return self.base / "_platform" / self.exchange

    @property
    def commits(self) -> Path:
        """The commit log: one JSON file a commit, numbered without a gap from 1."""
        return self.platform / "commits"

    def staging(self, role: str) -> Path:
        """Where one role's batches are written before they are published."""
        return self.platform / "staging" / role

    @property
    def quarantine(self) -> Path:
        """Records that could not be decoded, with their raw bytes, as Parquet."""
        return self.platform / "quarantine"

    @property
    def checkpoints(self) -> Path:
        """Spark's own checkpoints: one throw-away folder a run."""
        return self.platform / "checkpoints"

    def lock_file(self, role: str) -> Path:
        """Held with flock(2) by the one process that has this role."""
        return self.platform / f"{role}.lock"

    def relative(self, path: Path) -> str:
        """The path as the commit log writes it: relative to `base`, with forward slashes."""
        return path.relative_to(self.base).as_posix()


def symbol_from_folder(folder: str) -> str:
    """The canonical symbol of a partition folder's value: `BTC_USD` is `BTC/USD`."""
    return folder.replace("_", "/")


def symbol_to_folder(symbol: str) -> str:
    """The partition folder's value of a symbol, as the stream names it: `BTC/USD` is `BTC_USD`."""
    return symbol.replace("/", "_")


def folder_of(hour: datetime, symbol: str) -> str:
    """The partition folders of the trades of one pair in one hour, relative to `trades`.

    Args:
        hour: any moment of it, UTC.
        symbol: the canonical symbol, `BTC/USD`.
    """
    values = (hour.year, hour.month, hour.day, hour.hour, symbol_to_folder(symbol))
    pairs = zip(_PARTITION_COLUMNS, values, strict=True)
    return "/".join(f"{column}={value}" for column, value in pairs)


def symbol_of_path(path: str) -> str:
    """The symbol folder's value in a data file's path: `BTC_USD`.

    Raises:
        ValueError: the path has no `symbol=` folder.
    """
    return _partition_value(path, "symbol")


def hour_of_path(path: str) -> datetime:
    """The start of the hour that a data file's path names, UTC.

    Raises:
        ValueError: the path lacks one of the folders, or it holds no number.
    """
    year, month, day, hour = (int(_partition_value(path, part)) for part in _PARTITION_COLUMNS[:4])
    return datetime(year, month, day, hour, tzinfo=UTC)


def _partition_value(path: str, column: str) -> str:
    for part in reversed(path.split("/")):
        if part.startswith(f"{column}="):
            return part.removeprefix(f"{column}=")
    raise ValueError(f"{path} lies in no {column}= folder")
