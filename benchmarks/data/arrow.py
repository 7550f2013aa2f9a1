"""Synthetic trades as Arrow tables with the lake's columns and types."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchmarks.data.synthetic import Integers, Trades

__all__ = ["as_table", "with_symbols"]

_MICROS: Final = pa.timestamp("us", tz="UTC")
_DECIMAL: Final = pa.decimal128(28, 10)


def as_table(trades: Trades) -> "pa.Table":
    """Return the columns of a lake file, whose symbol is in the folder's name."""
    rows = len(trades)
    return pa.table(
        {
            "exchange": _same("KRAKEN", rows),
            "trade_id": pa.array(trades.trade_id),
            "price": _decimals(trades.price),
            "volume": _decimals(trades.volume),
            "side": _named(trades.side, ["BUY", "SELL"]),
            "order_type": _named(trades.order_type, ["MARKET", "LIMIT"]),
            "misc": _same("", rows),
            "executed_at": pa.array(trades.executed_at).cast(_MICROS),
            "ingested_at": pa.array(trades.ingested_at).cast(_MICROS),
            "feed": _same("WEBSOCKET", rows),
        }
    )


def with_symbols(table: "pa.Table", trades: Trades, symbols: Sequence[str]) -> "pa.Table":
    """Return the table with the symbol as its second column."""
    return table.add_column(1, "symbol", _named(trades.pair, symbols))


def _decimals(unscaled: Integers) -> "pa.Array[Any]":
    """Sixteen bytes each, little-endian two's complement: the low half, then its sign."""
    halves = np.stack([unscaled, unscaled >> 63], axis=1)
    return pa.Array.from_buffers(_DECIMAL, len(unscaled), [None, pa.py_buffer(halves.tobytes())])


def _named(numbers: Integers, names: Sequence[str]) -> "pa.Array[Any]":
    return pa.DictionaryArray.from_arrays(numbers.astype(np.int32), names).cast(pa.string())


def _same(text: str, rows: int) -> "pa.Array[Any]":
    return pa.repeat(text, rows).cast(pa.string())
