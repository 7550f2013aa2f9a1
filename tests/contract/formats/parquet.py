"""The columns of Parquet files, as readers have them."""

from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

TRADES: Final = [
    "exchange: string",
    "trade_id: int64",
    "price: decimal128(28, 10)",
    "volume: decimal128(28, 10)",
    "side: string",
    "order_type: string",
    "misc: string",
    "executed_at: timestamp[us, tz=UTC]",
    "ingested_at: timestamp[us, tz=UTC]",
    "feed: string",
]
"""Of trade v2; the symbol is named by the folder."""

QUARANTINE: Final = [
    "reason: string not null",
    "detail: string",
    "topic: string",
    "partition: int32",
    "offset: int64",
    "timestamp: timestamp[us, tz=UTC]",
    "key: binary",
    "value: binary",
    "headers: list<element: struct<key: string, value: binary>>",
]


def columns(path: Path) -> list[str]:
    """Name and type of each column, in the file's order."""
    fields = [field.remove_metadata() for field in pq.read_schema(path)]
    return [f"{one.name}: {one.type}{'' if one.nullable else ' not null'}" for one in fields]
