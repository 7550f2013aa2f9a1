"""How a data file is written: the encodings that suit trades sorted by id."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.settings import Compression

__all__ = ["write_sorted"]

_BUFFER = 1 << 20


def write_sorted(trades: "pa.Table", target: Path, compression: Compression) -> None:
    """Write trades that are sorted by trade id as one Parquet file.

    Sorted ids and times differ little from row to row: as differences they take a third. The page
    index lets readers skip inside of a file.

    Raises:
        OSError: the storage refuses.
    """
    rising = [
        column.name
        for column in trades.schema
        if pa.types.is_int64(column.type) or pa.types.is_timestamp(column.type)
    ]
    others = [name for name in trades.column_names if name not in rising]
    # A small file is hundreds of small writes, each of them a call of the system.
    with pa.output_stream(str(target), buffer_size=_BUFFER) as buffered:
        pq.write_table(
            trades,
            buffered,
            compression=compression,
            store_schema=False,
            write_page_index=True,
            use_dictionary=others,  # type: ignore[arg-type]  # its stub lacks the names of columns
            column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
        )
