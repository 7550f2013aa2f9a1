"""How a data file is written: the encodings that suit trades sorted by id."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.settings import Compression

__all__ = ["write_sorted"]

_BUFFER = 1 << 20
_VOLUME = "volume"


def write_sorted(trades: "pa.Table", target: Path, compression: Compression) -> None:
    """Write trades that are sorted by trade id as one Parquet file.

    Sorted ids rise by one: as differences they take next to nothing. Times and volumes hardly
    repeat, so that a dictionary of them is larger than they are, and what compresses them is the
    codec alone; everything else repeats. The page index lets readers skip inside of a file.

    Raises:
        OSError: the storage refuses.
    """
    ids = [column.name for column in trades.schema if pa.types.is_int64(column.type)]
    repeating = [
        column.name
        for column in trades.schema
        if column.name not in {*ids, _VOLUME} and not pa.types.is_timestamp(column.type)
    ]
    # A small file is hundreds of small writes, each of them a call of the system.
    with pa.output_stream(str(target), buffer_size=_BUFFER) as buffered:
        pq.write_table(
            trades,
            buffered,
            compression=compression,
            store_schema=False,
            write_page_index=True,
            use_dictionary=repeating,  # type: ignore[arg-type]  # its stub lacks the names of columns
            column_encoding=dict.fromkeys(ids, "DELTA_BINARY_PACKED"),
        )
