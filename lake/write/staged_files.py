"""The files of one batch under staging, described once: when they are written.

Whoever writes a file has its rows in memory, and knows all that a commit says about it. So a commit
opens no file of trades again; it only looks whether each is there, in its full size.
"""

import os
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from lake.id_ranges import Run
from lake.layout import symbol_of_path
from lake.settings import Compression
from lake.storage.object_path import LakePath, ObjectPath, lake_path
from lake.storage.operations import checksum, parquet_source, size_of
from lake.write.parquet import WrittenFile, write_sorted

__all__ = ["StagedFile", "id_ranges", "read_trade_files", "stage_trades", "staged_parquet"]

_Ids: TypeAlias = "pa.Array[Any]"
_Place = Annotated[LakePath, PlainValidator(lake_path), PlainSerializer(str, return_type=str)]


class StagedFile(BaseModel):
    """A finished Parquet file under staging.

    Attributes:
        path: its path.
        folder: its partition folders in the lake: `year=2026/…/symbol=BTC_USD`; ``.`` for none.
        rows: how many it has.
        bytes: its size.
        checksum: the checksum of its content.
        ids: the trade ids in it; None if an id comes twice or out of order, or if it holds no
            trades.
        first_at: the earliest `executed_at`, microseconds since 1970; None if unknown.
        last_at: the latest.
        volume: the sum of `volume`; None if unknown.
    """

    model_config = ConfigDict(frozen=True)

    path: _Place
    folder: str
    rows: int
    bytes: int
    checksum: str
    ids: tuple[Run, ...] | None = None
    first_at: int | None = None
    last_at: int | None = None
    volume: Decimal | None = None

    @property
    def symbol(self) -> str:
        """The symbol that its folder names: BTC_USD."""
        return symbol_of_path(self.folder)


def stage_trades(
    trades: "pa.Table",
    path: LakePath,
    folder: str,
    compression: Compression,
    *,
    thorough: bool = False,
) -> StagedFile:
    """Write trades that are sorted by id as one file, and describe it.

    Args:
        trades: the rows; at least one.
        path: the file to write; its folder exists.
        folder: the partition folders that it goes into.
        compression: the codec.
        thorough: as for `write_sorted`.

    Raises:
        OSError: The storage refused the write.
    """
    written = write_sorted(trades, path, compression, thorough=thorough)
    return _described(trades, path, folder, written)


def staged_parquet(folder: LakePath) -> list[StagedFile]:
    """Describe every non-empty Parquet file below a folder by its footer, in a stable order.

    This is for what Spark itself writes, the records for quarantine.
    """
    files = [
        StagedFile(
            path=path,
            folder=_place(folder, path),
            rows=pq.read_metadata(parquet_source(path)).num_rows,
            bytes=size_of(path),
            checksum=checksum(path),
        )
        for path in _parquet_files(folder)
    ]
    return [file for file in files if file.rows]


def read_trade_files(folder: LakePath) -> list[StagedFile]:
    """Read back and describe every file of trades below a folder, by its partition folders."""
    files = [
        _described(
            pq.read_table(parquet_source(path), partitioning=None),
            path,
            _place(folder, path),
            WrittenFile(size_of(path), checksum(path)),
        )
        for path in _parquet_files(folder)
    ]
    return [file for file in files if file.rows]


def id_ranges(ids: _Ids) -> list[Run] | None:
    """Turn sorted ids into ranges; None if an id comes twice or out of order."""
    if len(ids) == 0:
        return []
    # NumPy needs a tenth of pyarrow's time for each call, and most files have few rows.
    numbers = ids.to_numpy()
    steps = numbers[1:] - numbers[:-1]
    if (steps == 1).all():
        return [(int(numbers[0]), int(numbers[-1]))]
    if (steps < 1).any():
        return None
    breaks = np.flatnonzero(steps != 1)
    firsts = numbers[np.concatenate(([0], breaks + 1))]
    lasts = numbers[np.concatenate((breaks, [len(numbers) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _described(trades: "pa.Table", path: LakePath, folder: str, written: WrittenFile) -> StagedFile:
    runs = id_ranges(trades.column("trade_id").combine_chunks())
    first_at, last_at = _bounds(trades)
    return StagedFile(
        path=path,
        folder=folder,
        rows=trades.num_rows,
        bytes=written.bytes,
        checksum=written.checksum,
        ids=None if runs is None else tuple(runs),
        first_at=first_at,
        last_at=last_at,
        volume=pc.sum(trades.column("volume")).as_py() if "volume" in trades.column_names else None,
    )


def _bounds(trades: "pa.Table") -> tuple[int | None, int | None]:
    """Return the earliest and the latest `executed_at`, in microseconds."""
    if "executed_at" not in trades.column_names:
        return None, None
    times = trades.column("executed_at").combine_chunks()
    if times.null_count:
        times = times.drop_null()
    if not len(times):
        return None, None
    micros = times.view(pa.int64()).to_numpy()
    return int(micros.min()), int(micros.max())


def _place(batch_folder: LakePath, path: LakePath) -> str:
    return path.parent.relative_to(batch_folder).as_posix()


def _parquet_files(folder: LakePath) -> Iterable[LakePath]:
    if isinstance(folder, ObjectPath):
        return [path for path in folder.below() if path.suffix == ".parquet"]
    return sorted(
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.endswith(".parquet")
    )
