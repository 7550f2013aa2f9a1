"""Encodes whole columns of trades as framed Avro, millions a second, as Avro's own writers do.

Each field becomes a matrix with a row for each trade and the number of its used bytes. The rows
side by side, without the unused bytes, are the records.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.data.synthetic import Integers, Trades
from schemas.avro.wire import frame

__all__ = ["Records", "framed"]

Bytes = npt.NDArray[np.uint8]
_LONGEST_VARINT: Final = 10
_LONG: Final = 8
_FEED: Final = 1
"""WEBSOCKET, as the schema numbers it."""


@dataclass(frozen=True)
class _Field:
    """A field of all rows: each row's bytes, left-aligned, and how many of them are used."""

    bytes: Bytes
    lengths: Integers


@dataclass(frozen=True)
class Records:
    """Framed records, concatenated.

    Attributes:
        content: The bytes of all records.
        ends: The end of each record in `content`.
    """

    content: bytes
    ends: Sequence[int]

    def values(self) -> list[bytes]:
        """Return the value of each record."""
        starts = [0, *self.ends[:-1]]
        return [self.content[a:b] for a, b in zip(starts, self.ends, strict=True)]


def framed(
    trades: Trades, symbols: Sequence[str], schema: Mapping[str, Any], schema_id: int
) -> Records:
    """Return the trades as records of one schema, all of whose fields must be known here.

    Args:
        trades: The trades to write.
        symbols: The symbols of the pairs, by their numbers.
        schema: The parsed record schema.
        schema_id: The id for the header.

    Raises:
        KeyError: The schema has a field that is not known here.
    """
    header = np.frombuffer(frame(schema_id, b""), dtype=np.uint8)
    columns = [_same(header, len(trades))]
    columns += [_FIELDS[field["name"]](trades, symbols) for field in schema["fields"]]
    matrix = np.concatenate([column.bytes for column in columns], axis=1)
    counts = np.concatenate(
        [np.arange(column.bytes.shape[1]) < column.lengths[:, np.newaxis] for column in columns],
        axis=1,
    )
    ends = np.cumsum(sum(column.lengths for column in columns))
    return Records(matrix[counts].tobytes(), ends.tolist())


def _varint(values: Integers) -> _Field:
    """Avro's int, long and enum: zigzag, seven bits a byte, the lowest first."""
    rest = ((values << 1) ^ (values >> 63)).astype(np.uint64)
    columns, lengths = [], np.ones(len(values), dtype=np.int64)
    for _ in range(_LONGEST_VARINT):
        low, rest = rest & np.uint64(0x7F), rest >> np.uint64(7)
        more = rest > 0
        columns.append((low | (more.astype(np.uint64) << np.uint64(7))).astype(np.uint8))
        lengths += more
        if not more.any():
            break
    return _Field(np.stack(columns, axis=1), lengths)


def _decimal(unscaled: Integers) -> _Field:
    """Avro's bytes with a decimal, never negative here.

    The fewest bytes of the two's complement that hold it, after their number.
    """
    big_endian = unscaled.astype(">i8").view(np.uint8).reshape(-1, _LONG)
    sizes = np.full(len(unscaled), 1, dtype=np.int64)
    for size in range(1, _LONG):
        sizes[unscaled >= 1 << (8 * size - 1)] = size + 1
    # The last `size` bytes of each row, moved to the left, after the byte with their number.
    at = np.minimum(np.arange(_LONG) + (_LONG - sizes)[:, np.newaxis], _LONG - 1)
    digits = np.take_along_axis(big_endian, at, axis=1)
    prefix = (sizes * 2).astype(np.uint8)[:, np.newaxis]
    return _Field(np.concatenate([prefix, digits], axis=1), sizes + 1)


def _same(content: Bytes, rows: int) -> _Field:
    return _Field(np.tile(content, (rows, 1)), np.full(rows, len(content), dtype=np.int64))


def _text(text: str, rows: int) -> _Field:
    content = text.encode()
    return _same(np.frombuffer(bytes([2 * len(content)]) + content, dtype=np.uint8), rows)


def _symbol(trades: Trades, symbols: Sequence[str]) -> _Field:
    texts = [bytes([2 * len(symbol)]) + symbol.encode() for symbol in symbols]
    width = max(map(len, texts))
    table = np.frombuffer(b"".join(text.ljust(width) for text in texts), dtype=np.uint8)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    return _Field(table.reshape(-1, width)[trades.pair], lengths[trades.pair])


_FIELDS: Final[Mapping[str, Callable[[Trades, Sequence[str]], _Field]]] = {
    "exchange": lambda trades, _: _text("KRAKEN", len(trades)),
    "symbol": _symbol,
    "trade_id": lambda trades, _: _varint(trades.trade_id),
    "price": lambda trades, _: _decimal(trades.price),
    "volume": lambda trades, _: _decimal(trades.volume),
    "side": lambda trades, _: _varint(trades.side),
    "order_type": lambda trades, _: _varint(trades.order_type),
    "misc": lambda trades, _: _text("", len(trades)),
    "executed_at": lambda trades, _: _varint(trades.executed_at),
    "ingested_at": lambda trades, _: _varint(trades.ingested_at),
    "feed": lambda trades, _: _varint(np.full(len(trades), _FEED, dtype=np.int64)),
    "frame_sequence": lambda trades, _: _varint(trades.trade_id % 1000),
}
