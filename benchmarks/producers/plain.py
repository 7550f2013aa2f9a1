"""Trades as a program with only the standard library reads them: as dictionaries."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from benchmarks.data.pages import Answer
from benchmarks.producers.work import EXCHANGE

__all__ = ["plain_trades"]

_SIDES: Final = {"b": "BUY", "s": "SELL"}
_ORDER_TYPES: Final = {"m": "MARKET", "l": "LIMIT"}


def plain_trades(answer: Answer) -> Iterator[dict[str, Any]]:
    """Yield the trades of a page, as Avro libraries take them. Nothing is checked."""
    received = datetime.now(UTC)
    rows = json.loads(answer.body)["result"][answer.pair.key]
    for price, volume, seconds, side, order_type, misc, trade_id in rows:
        yield {
            "exchange": EXCHANGE,
            "symbol": answer.pair.symbol,
            "trade_id": trade_id,
            "price": Decimal(price),
            "volume": Decimal(volume),
            "side": _SIDES[side],
            "order_type": _ORDER_TYPES[order_type],
            "misc": misc,
            "executed_at": datetime.fromtimestamp(seconds, UTC),
            "ingested_at": received,
            "feed": "REST",
        }
