"""Columns written as framed Avro, held against what Avro's own reader and writer say."""

import io
from decimal import Decimal

import fastavro
import numpy as np
import pytest

from benchmarks.data.avro_rows import framed
from benchmarks.data.pairs import MARKET
from benchmarks.data.synthetic import Market, Trades
from schemas.avro.wire import unframe
from schemas.catalogue import SchemaVersion, load_catalogue

SYMBOLS = [pair.symbol for pair in MARKET]


def edge_cases() -> Trades:
    """Numbers at which the bytes grow in number."""
    numbers = np.array(
        [1, 63, 64, 127, 128, 255, 256, 32_767, 32_768, 2**31, 2**47 - 1, 2**47, 10**18],
        dtype=np.int64,
    )
    zeros = np.zeros(len(numbers), dtype=np.int64)
    times = numbers.clip(max=2**47)  # beyond which Python knows no date
    return Trades(zeros, numbers, numbers, numbers, zeros, zeros + 1, times, times)


@pytest.mark.parametrize("version", load_catalogue().trade.versions, ids=str)
@pytest.mark.parametrize("trades", [Market(MARKET).trade(500, 60.0), edge_cases()])
def test_records_are_what_fastavro_writes(version: SchemaVersion, trades: Trades) -> None:
    """Byte for byte, in every released version: read by fastavro, then written by it."""
    schema = fastavro.parse_schema(version.parsed)
    values = framed(trades, SYMBOLS, version.parsed, 7).values()
    assert len(values) == len(trades)
    for value in values:
        schema_id, payload = unframe(value)
        read = fastavro.schemaless_reader(io.BytesIO(payload), schema, None)
        again = io.BytesIO()
        fastavro.schemaless_writer(again, schema, read)
        assert (schema_id, payload) == (7, again.getvalue())


def test_records_hold_the_trades() -> None:
    """And not just any: symbol, id, price and side of a row are those of its columns."""
    trades = Market(MARKET).trade(50, 60.0)
    version = load_catalogue().trade.newest
    schema = fastavro.parse_schema(version.parsed)
    for row, value in enumerate(framed(trades, SYMBOLS, version.parsed, 1).values()):
        read = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
        assert isinstance(read, dict)
        assert read["symbol"] == SYMBOLS[trades.pair[row]]
        assert read["trade_id"] == trades.trade_id[row]
        assert read["price"] == Decimal(int(trades.price[row])).scaleb(-10)
        assert read["side"] == ["BUY", "SELL"][trades.side[row]]
        assert read["feed"] == "WEBSOCKET"


def test_a_field_that_is_not_known_is_refused() -> None:
    """A new schema version is not written without its new field."""
    schema = {"fields": [{"name": "mood", "type": "string"}]}
    with pytest.raises(KeyError, match="mood"):
        framed(Market(MARKET).trade(5, 60.0), SYMBOLS, schema, 1)
