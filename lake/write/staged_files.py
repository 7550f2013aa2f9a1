"""The files of one batch under staging, as read back from disk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake.id_ranges import Run
from lake.storage.checksum import checksum

__all__ = ["StagedFile", "TradeIds", "id_ranges", "staged_files", "trade_ids"]

TradeIds: TypeAlias = "pa.Array[Any]"
"""The column trade_id of one file, 64-bit integers."""


@dataclass(frozen=True)
class StagedFile:
    """A finished Parquet file under staging.

    Attributes:
        path: its path.
        folder: its partition folders in the lake: `year=2026/…/symbol=BTC_USD`; ``.`` for none.
        rows: how many its footer counts.
        bytes: its size.
        checksum: the checksum of its content.
    """

    path: Path
    folder: str
    rows: int
    bytes: int
    checksum: str

    @classmethod
    def read(cls, path: Path, folder: str) -> "StagedFile":
        """Read a file's footer and its content."""
        return cls(
            path=path,
            folder=folder,
            rows=pq.read_metadata(path).num_rows,
            bytes=path.stat().st_size,
            checksum=checksum(path),
        )


def staged_files(batch_folder: Path, listed: Mapping[Path, str] | None = None) -> list[StagedFile]:
    """List every non-empty Parquet file below a batch's folder, in a stable order.

    Args:
        batch_folder: the folder to look in.
        listed: the files that count, with their partition folders. None means all that are found,
            each of which lies in its partition folder.
    """
    if listed is None:
        found = _parquet_files(batch_folder)
        listed = {path: path.parent.relative_to(batch_folder).as_posix() for path in found}
    files = (StagedFile.read(path, folder) for path, folder in sorted(listed.items()))
    return [file for file in files if file.rows]


def trade_ids(path: Path) -> TradeIds:
    """Read the trade ids of a file, in the file's order."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=["trade_id"]).column("trade_id").combine_chunks()


def id_ranges(ids: TradeIds) -> list[Run] | None:
    """Turn sorted ids into ranges; None if an id comes twice or out of order."""
    if len(ids) == 0:
        return []
    steps = pc.subtract(ids[1:], ids[:-1])
    if pc.any(pc.less(steps, pa.scalar(1)), min_count=0).as_py():
        return None
    breaks: list[Any] = pc.indices_nonzero(pc.not_equal(steps, pa.scalar(1))).to_pylist()
    starts = [0, *(at + 1 for at in breaks)]
    ends = [*breaks, len(ids) - 1]
    return [(ids[a].as_py(), ids[b].as_py()) for a, b in zip(starts, ends, strict=True)]


def _parquet_files(folder: Path) -> list[Path]:
    return [
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.endswith(".parquet")
    ]
