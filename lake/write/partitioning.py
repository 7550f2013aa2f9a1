"""Splits trades into the lake's partitions: one folder for each hour and pair."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.layout import folder_of

__all__ = ["by_folder"]

_HOUR_MICROS: Final = 3_600_000_000
_SYMBOLS: Final = 1 << 20
"""More than there are pairs, so that hour and symbol fit into one number."""


def by_folder(trades: "pa.Table") -> Iterator[tuple[str, "pa.Table"]]:
    """Yield each folder with its trades, sorted by id, without `symbol`: the folder names it.

    Args:
        trades: rows with `symbol`, `trade_id` and `executed_at` in microseconds since 1970. No
            trade is older than 1970: the rules of a trade forbid it.
    """
    symbols = trades.column("symbol").combine_chunks().dictionary_encode()
    micros = pc.cast(trades.column("executed_at").combine_chunks(), pa.int64())
    hours = pc.divide(micros, _HOUR_MICROS)
    codes = pc.add(pc.multiply(hours, _SYMBOLS), pc.cast(symbols.indices, pa.int64()))
    keys = pa.table({"folder": codes, "trade_id": trades.column("trade_id").combine_chunks()})
    order = pc.sort_indices(keys, sort_keys=[("folder", "ascending"), ("trade_id", "ascending")])
    rows = trades.drop_columns(["symbol"]).take(order).combine_chunks()
    start = 0
    for code, end in _runs(codes.take(order)):
        hour, symbol = divmod(code, _SYMBOLS)
        moment = datetime.fromtimestamp(hour * 3600, UTC)
        yield folder_of(moment, symbols.dictionary[symbol].as_py()), rows.slice(start, end - start)
        start = end


def _runs(codes: "pa.Array[Any]") -> Iterator[tuple[int, int]]:
    """Return each run of equal numbers: the number, and the index after its last."""
    changes: list[Any] = pc.indices_nonzero(pc.not_equal(codes[1:], codes[:-1])).to_pylist()
    ends = [*(at + 1 for at in changes), len(codes)]
    return ((codes[end - 1].as_py(), end) for end in ends)
