"""The proof of what a commit retired, as a Parquet file: a row for each pair and hour.

Such a file is written before the commit that names it, with its checksum, and never changed. It
stays when the commit is folded: the manifest lists it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeDamaged
from lake.id_ranges import IdRanges, Run
from lake.layout import hour_of_path
from lake.log.commit import DataFile
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import parquet_source

__all__ = ["RetiredHour", "read_retired", "read_retired_ids", "write_retired"]

_MOMENT: Final = pa.timestamp("us", "UTC")
_SECOND: Final = 1_000_000
_RUNS: Final = pa.list_(pa.list_(pa.int64(), 2))
_COLUMNS: Final[dict[str, pa.DataType]] = {
    "symbol": pa.string(),
    "hour": _MOMENT,
    "trades": pa.int64(),
    "first_id": pa.int64(),
    "last_id": pa.int64(),
    "ids": _RUNS,
    "missing": _RUNS,
    "first_at": _MOMENT,
    "last_at": _MOMENT,
    "volume": pa.decimal128(38, 10),
    "path": pa.string(),
    "bytes": pa.int64(),
    "checksum": pa.string(),
    "verified_at": _MOMENT,
    "retired_at": _MOMENT,
}


@dataclass(frozen=True, slots=True)
class RetiredHour:
    """What was retired of one pair and hour of event time.

    Attributes:
        symbol: the symbol's folder: BTC_USD.
        hour: the start of the hour, UTC.
        ids: the ranges of the trade ids.
        first_at: when the first trade was executed, UTC; None if its commit did not state it.
        last_at: when the last one was.
        volume: the sum of the volumes; None if it was not stated.
        path: the file that held them, relative to BASE_OUTPUT_PATH.
        bytes: its size.
        checksum: the checksum of its content; empty if none was recorded.
        verified_at: when the verification that the retirement rests on ended, UTC.
        retired_at: when they were retired, UTC.
    """

    symbol: str
    hour: datetime
    ids: tuple[Run, ...]
    first_at: datetime | None
    last_at: datetime | None
    volume: Decimal | None
    path: str
    bytes: int
    checksum: str
    verified_at: datetime
    retired_at: datetime

    @classmethod
    def of(cls, file: DataFile, verified_at: datetime, retired_at: datetime) -> "RetiredHour":
        """Return what is retired with a file that is all of its pair's hour."""
        return cls(
            symbol=file.symbol,
            hour=hour_of_path(file.path),
            ids=file.ids,
            first_at=_moment(file.first_at),
            last_at=_moment(file.last_at),
            volume=file.volume,
            path=file.path,
            bytes=file.bytes,
            checksum=file.checksum,
            verified_at=verified_at,
            retired_at=retired_at,
        )

    @property
    def trades(self) -> int:
        """How many trades: each id is one."""
        return sum(last - first + 1 for first, last in self.ids)

    @property
    def first_id(self) -> int:
        """The lowest trade id."""
        return self.ids[0][0]

    @property
    def last_id(self) -> int:
        """The highest trade id."""
        return self.ids[-1][1]

    @property
    def missing(self) -> tuple[Run, ...]:
        """The ids between them that no trade had: confirmed holes and dead letters."""
        return tuple(IdRanges(self.ids).gaps())


def write_retired(hours: Iterable[RetiredHour], path: LakePath) -> None:
    """Write the rows as one file, which is not durable yet.

    Raises:
        OSError: The storage refused the write.
    """
    listed = list(hours)
    columns = {
        name: pa.array([getattr(one, name) for one in listed], kind)
        for name, kind in _COLUMNS.items()
    }
    table = pa.table(columns)
    if isinstance(path, ObjectPath):
        content = pa.BufferOutputStream()
        pq.write_table(table, content, compression="zstd", write_page_checksum=True)
        path.write_bytes(memoryview(content.getvalue()))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def read_retired(path: LakePath) -> Iterator[RetiredHour]:
    """Yield the rows of one file.

    Raises:
        LakeDamaged: It is missing or not readable.
    """
    names = [name for name in RetiredHour.__slots__ if name in _COLUMNS]
    rows: list[dict[str, Any]] = _columns(path, names).to_pylist()
    for row in rows:
        row["ids"] = tuple((first, last) for first, last in row["ids"])
        yield RetiredHour(**row)


def read_retired_ids(path: LakePath) -> Iterator[tuple[str, datetime, tuple[Run, ...]]]:
    """Yield symbol folder, hour and ids of each row; some twenty times as fast as all columns.

    Raises:
        LakeDamaged: The file is missing or not readable.
    """
    table = _columns(path, ["symbol", "hour", "ids"])
    symbols: list[Any] = table.column("symbol").to_pylist()
    micros: list[Any] = table.column("hour").cast(pa.int64()).to_pylist()
    ids: Any = table.column("ids").combine_chunks()
    flat: list[int] = ids.flatten().flatten().to_pylist()
    runs = list(zip(flat[::2], flat[1::2], strict=True))
    ends = accumulate(ids.value_lengths().to_pylist())
    start = 0
    for symbol, micro, end in zip(symbols, micros, ends, strict=True):
        yield symbol, datetime.fromtimestamp(micro // _SECOND, UTC), tuple(runs[start:end])
        start = end


def _columns(path: LakePath, names: list[str]) -> "pa.Table":
    try:
        with pq.ParquetFile(parquet_source(path), page_checksum_verification=True) as file:
            return file.read(columns=names)
    except (OSError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise LakeDamaged(
            f"{path}, the proof of retired trades, cannot be read: {reason}. Restore it from a "
            "copy of the lake."
        ) from error


def _moment(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    seconds, rest = divmod(microseconds, _SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
