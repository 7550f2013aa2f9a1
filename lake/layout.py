"""The folders of a lake: those that readers list, and those that the platform keeps beside them."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lake.storage.object_path import LakePath, ObjectPath

__all__ = [
    "PARTITION_COLUMNS",
    "LakeLayout",
    "commit_of_path",
    "folder_of",
    "hour_of_path",
    "partition_of",
    "symbol_from_folder",
    "symbol_of_path",
    "symbol_to_folder",
]

PARTITION_COLUMNS = ("year", "month", "day", "hour", "symbol")
"""Hive partition columns of the trades, outermost first: UTC event time, then the pair."""


@dataclass(frozen=True)
class LakeLayout:
    """Every folder of one exchange's lake.

    Only `trades` is for readers. Everything else is in `_platform`, beside it and never below it,
    so that a reader that lists `EXCHANGE/**/*.parquet` finds only trades.

    Attributes:
        base: the absolute folder BASE_OUTPUT_PATH, or its address in an object store.
        exchange: the venue's name, also the folder's: KRAKEN.
    """

    base: LakePath
    exchange: str

    @property
    def is_on_store(self) -> bool:
        """Whether the lake is in an object store."""
        return isinstance(self.base, ObjectPath)

    @property
    def trades(self) -> LakePath:
        """`KRAKEN/`: partitioned Parquet files of trades, complete, and nothing else."""
        return self.base / self.exchange

    @property
    def platform(self) -> LakePath:
        """`_platform/KRAKEN/`: all that is not for readers."""
        return self.base / "_platform" / self.exchange

    @property
    def local(self) -> Path:
        """Where a process keeps what no other machine needs, and what may be lost.

        On a file system it is `platform`. For a lake in an object store it is a folder of this
        machine for temporary files.
        """
        platform = self.platform
        if isinstance(platform, ObjectPath):
            name = hashlib.blake2b(str(self.base).encode(), digest_size=8).hexdigest()
            return Path(tempfile.gettempdir()) / f"kraken-lake-{os.getuid()}" / name / self.exchange
        return platform

    @property
    def commits(self) -> LakePath:
        """The commit log: one JSON file per commit, numbered without a gap, and its manifests."""
        return self.platform / "commits"

    def staging(self, role: str) -> LakePath:
        """Return the folder where one role's batches are written before they are published."""
        return self.platform / "staging" / role

    @property
    def live(self) -> LakePath:
        """In an object store: the trades of hours that are not compacted, partitioned."""
        return self.platform / "live"

    def is_live(self, path: str) -> bool:
        """Return whether a path of the commit log is in `live`."""
        return path.startswith(f"_platform/{self.exchange}/live/")

    @property
    def quarantine(self) -> LakePath:
        """Records that could not be decoded, with their raw bytes, as Parquet."""
        return self.platform / "quarantine"

    @property
    def retired(self) -> LakePath:
        """Proofs of the trades that have landed and were removed from the lake for good."""
        return self.platform / "retired"

    @property
    def verified(self) -> LakePath:
        """What verifications proved of single files, so that later ones need not read them."""
        return self.platform / "verified"

    @property
    def reports(self) -> LakePath:
        """One HTML report per day, for people."""
        return self.platform / "reports"

    @property
    def checkpoints(self) -> Path:
        """Spark's own checkpoints: one temporary folder per run, on this machine."""
        return self.local / "checkpoints"

    def lock_file(self, role: str) -> Path:
        """Return the file that the process with this role locks with flock(2)."""
        return self.local / f"{role}.lock"

    def takeover_file(self, role: str) -> Path:
        """Return the file that a process locks to ask the one with this role for the lake."""
        return self.local / f"{role}.takeover.lock"

    def relative(self, path: LakePath) -> str:
        """Return the path as the commit log writes it: relative to `base`, with forward slashes.

        Raises:
            ValueError: It is not below `base`.
        """
        # A commit has hundreds of paths, and `relative_to` takes fifty times as long as this.
        whole, above = str(path), f"{self.base}/"
        if whole.startswith(above):
            return whole[len(above) :]
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
    pairs = zip(PARTITION_COLUMNS, values, strict=True)
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
    year, month, day, hour = (int(_partition_value(path, part)) for part in PARTITION_COLUMNS[:4])
    return datetime(year, month, day, hour, tzinfo=UTC)


def commit_of_path(path: str) -> int:
    """Return the number of the commit that published a file, from its name.

    Raises:
        ValueError: The name is not one that a commit gives.
    """
    word, _, number = path.rpartition("/")[2].rpartition("-")[0].partition("-")
    if word != "part":
        raise ValueError(f"{path} is no name that a commit gives")
    return int(number)


def partition_of(path: str) -> str:
    """Return the partition folders in a path: `year=2026/month=1/day=30/hour=18/symbol=BTC_USD`.

    Args:
        path: a data file's folder, or a file in it.

    Raises:
        ValueError: The path lacks one of the folders.
    """
    return "/".join(f"{column}={_partition_value(path, column)}" for column in PARTITION_COLUMNS)


def _partition_value(path: str, column: str) -> str:
    for part in reversed(path.split("/")):
        if part.startswith(f"{column}="):
            return part.removeprefix(f"{column}=")
    raise ValueError(f"{path} is not in a {column}= folder")
