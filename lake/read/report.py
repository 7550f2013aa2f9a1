"""A report on the lake's trades, as any reader could make it: DuckDB over the Parquet files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from lake.layout import LakeLayout, symbol_from_folder
from lake.read.listing_retry import retry_listing

__all__ = ["HourSummary", "hours", "tree"]

_HOURS = """
    SELECT symbol, make_timestamp(year, month, day, hour, 0, 0) AS hour, count(*) AS trades,
           min(trade_id), max(trade_id), min(executed_at), max(executed_at), sum(volume),
           count(DISTINCT filename)
    FROM read_parquet($files, hive_partitioning = true, union_by_name = true, filename = true,
                      hive_types = {year: BIGINT, month: BIGINT, day: BIGINT, hour: BIGINT,
                                    symbol: VARCHAR})
    GROUP BY ALL
    ORDER BY symbol, hour
"""


@dataclass(frozen=True)
class HourSummary:
    """The trades of one pair in one hour of event time, UTC."""

    symbol: str
    hour: datetime
    trades: int
    first_id: int
    last_id: int
    first_at: datetime
    last_at: datetime
    volume: Decimal
    files: int


def hours(layout: LakeLayout) -> list[HourSummary]:
    """Summarize the lake's trades per symbol and hour; empty if it holds no file.

    Raises:
        duckdb.Error: A file cannot be read.
    """
    if not any(layout.trades.glob("**/*.parquet")):
        return []
    rows = retry_listing(lambda: _rows(f"{layout.trades}/**/*.parquet"))
    return [HourSummary(symbol_from_folder(row[0]), *row[1:]) for row in rows]


def _rows(files: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(_HOURS, {"files": files}).fetchall()


def tree(layout: LakeLayout) -> Iterator[tuple[int, str]]:
    """Yield the folders and files that a reader lists, as depth and name, in a tree's order."""
    root = layout.trades
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        yield len(parts), parts[-1]
