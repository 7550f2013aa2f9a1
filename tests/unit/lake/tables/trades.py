"""Trades with the columns that readers of a table may get wrong."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from lake.layout import LakeLayout
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync

PRICE = Decimal("75624738.1085762037")
"""As a double it is another number."""


def trades(first: int, count: int, at: datetime, **later: str) -> "pa.Table":
    """Trades of one microsecond after the other, with a column that came later or without it."""
    ids = range(first, first + count)
    times = [at + timedelta(microseconds=trade_id) for trade_id in ids]
    columns = {
        "exchange": pa.array(["KRAKEN"] * count),
        "trade_id": pa.array(ids, pa.int64()),
        "price": pa.array([PRICE + n for n in ids], pa.decimal128(28, 10)),
        "volume": pa.array([PRICE] * count, pa.decimal128(28, 10)),
        "executed_at": pa.array(times, pa.timestamp("us", "UTC")),
    }
    return pa.table(columns | {name: pa.array([text] * count) for name, text in later.items()})


def synced(layout: LakeLayout) -> None:
    """Bring the table up to date."""
    assert sync(layout, DeltaTable(layout), datetime(2000, 1, 1, tzinfo=UTC)) is not None
