"""The recorded trades, and what a plain listing of the lake holds of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import stamina

from infra.fake_kraken import DEFAULT_RECORDING
from producer.kraken.rest.envelope import open_envelope
from producer.kraken.rest.listing import read_listing
from producer.kraken.rest.parse import parse_trades_page

_LISTING = """
    SELECT trade_id, symbol, price, volume, side, order_type, misc, executed_at
    FROM read_parquet($files, hive_partitioning = true, union_by_name = true)
    ORDER BY trade_id
"""


@dataclass(frozen=True)
class Row:
    """One trade, with the fields that Kraken sends."""

    trade_id: int
    symbol: str
    price: Decimal
    volume: Decimal
    side: str
    order_type: str
    misc: str
    executed_at: datetime


def recorded() -> list[Row]:
    """Every trade of the recording, in the order of their ids."""
    pairs = DEFAULT_RECORDING.with_name("asset_pairs_XBTUSDT.json").read_bytes()
    (pair,) = read_listing(open_envelope(pairs, asked="AssetPairs")).pairs
    page = parse_trades_page(
        DEFAULT_RECORDING.read_bytes(), pair=pair, exchange="KRAKEN", ingested_at=datetime.now(UTC)
    )
    return [
        Row(
            trade.trade_id,
            trade.symbol.replace("/", "_"),
            trade.price,
            trade.volume,
            trade.side.value,
            trade.order_type.value,
            trade.misc,
            trade.executed_at,
        )
        for trade in page.trades
    ]


def landed(lake: Path) -> list[Row]:
    """Every row of every file that a reader would list."""
    if not any(lake.glob("KRAKEN/**/*.parquet")):
        return []
    files = {"files": f"{lake}/KRAKEN/**/*.parquet"}
    # If a compaction runs between listing and opening, the reader gets an error and lists again.
    for attempt in stamina.retry_context(on=duckdb.IOException):
        with attempt, duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.execute(_LISTING, files).fetchall()
    return [Row(*row[:7], row[7].astimezone(UTC)) for row in rows]
