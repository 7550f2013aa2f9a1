"""How a data file is written: the encodings that suit trades sorted by id."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lake.settings import Compression
from lake.storage.checksum import checksum, checksum_of
from lake.storage.object_path import LakePath, ObjectPath

__all__ = ["WrittenFile", "write_sorted"]

_IN_MEMORY: Final = 16 << 20
"""Up to this many bytes of rows, a file is encoded in memory and written at once: its checksum is
then known without reading it back."""

_BUFFER: Final = 1 << 20
_VOLUME: Final = "volume"
_BOUNDED: Final = ["trade_id", "executed_at", "ingested_at"]

_THOROUGH_LEVELS: Final[dict[str, int]] = {"price": 15, _VOLUME: 12}
"""The zstd levels at which these columns are smallest; higher levels gain nothing or make them
larger. The other columns are as small at level 1."""

_FEW_ROWS: Final = 32
"""Up to this many rows, Snappy makes smaller files than zstd and takes half of the time: each page
that zstd compresses costs 14 bytes and 20 microseconds more. Nor do such files have dictionaries,
which are larger than the values, a page index, as each column is one page, or statistics of any
column but the ids and times. That saves a third of the time and of the bytes, and hundreds of pairs
make hundreds of such files in a second."""


class WrittenFile(NamedTuple):
    """A file just written.

    Attributes:
        bytes: its size.
        checksum: the checksum of its content.
    """

    bytes: int
    checksum: str


def write_sorted(
    trades: "pa.Table", target: LakePath, compression: Compression, *, thorough: bool = False
) -> WrittenFile:
    """Write trades that are sorted by trade id as one Parquet file.

    Sorted ids rise by one, so delta encoding makes them tiny. Times and volumes rarely repeat: a
    dictionary would be larger than the values, so only the codec compresses them. All other columns
    repeat and get a dictionary. The page index lets readers skip pages inside a file.

    Args:
        trades: the rows.
        target: the file.
        compression: the codec; a file of a few rows has Snappy, unless it is `thorough`.
        thorough: spend five times as long on a file that is one thirtieth smaller and reads as
            fast.

    Returns:
        Its size and checksum.

    Raises:
        OSError: The storage refused the write.
    """
    if not thorough and trades.num_rows <= _FEW_ROWS:
        return _write_few(trades, target)
    options = {
        "compression": compression,
        "compression_level": _THOROUGH_LEVELS if thorough and compression == "zstd" else None,
        "store_schema": False,
        "write_page_index": True,
        **_encodings(trades.schema),
    }
    if trades.nbytes > _IN_MEMORY and not isinstance(target, ObjectPath):
        # Without a buffer it makes hundreds of small writes, each a system call.
        with pa.output_stream(str(target), buffer_size=_BUFFER) as buffered:
            pq.write_table(trades, buffered, **options)
        return WrittenFile(target.stat().st_size, checksum(target))
    encoded = pa.BufferOutputStream()
    pq.write_table(trades, encoded, **options)
    return _write(encoded, target)


def _write_few(trades: "pa.Table", target: LakePath) -> WrittenFile:
    encoded = pa.BufferOutputStream()
    pq.write_table(
        trades,
        encoded,
        compression="snappy",
        use_dictionary=False,
        write_statistics=_BOUNDED,
        store_schema=False,
    )
    return _write(encoded, target)


def _write(encoded: "pa.BufferOutputStream", target: LakePath) -> WrittenFile:
    content = memoryview(encoded.getvalue())
    if isinstance(target, ObjectPath):
        target.write_bytes(content)
    else:
        with target.open("wb") as file:
            file.write(content)
    return WrittenFile(len(content), checksum_of(content))


@lru_cache(maxsize=16)
def _encodings(schema: "pa.Schema") -> dict[str, Any]:
    """Return the encodings of the columns; a batch has hundreds of files of one schema."""
    ids = [column.name for column in schema if pa.types.is_int64(column.type)]
    repeating = [
        column.name
        for column in schema
        if column.name not in {*ids, _VOLUME} and not pa.types.is_timestamp(column.type)
    ]
    return {
        "use_dictionary": repeating,
        "column_encoding": dict.fromkeys(ids, "DELTA_BINARY_PACKED"),
    }
