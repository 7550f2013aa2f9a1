"""Print Kraken's candles as a table and as JSON. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from rich.table import Table

from producer.cli.candle_answers import CandleAnswer
from producer.kraken.rest.candles import Candle
from runtime.tables import PlainTable

__all__ = ["as_json", "as_json_by_pair", "as_table"]


def as_table(candles: Sequence[Candle]) -> Table:
    """Lay out one row per minute, narrow enough for a terminal of 80 columns."""
    table = PlainTable(padding=0, pad_edge=False)
    for heading in ("symbol", "minute (UTC)"):
        table.add_column(heading, no_wrap=True)
    for heading in ("open", "high", "low", "close", "volume", "trades"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in candles:
        prices = (one.open, one.high, one.low, one.close)
        table.add(
            one.symbol,
            f"{one.start:%m-%d %H:%M}",
            *(f"{price:f}" for price in prices),
            f"{one.volume:f}",
            str(one.count),
        )
    return table


def as_json(candles: Sequence[Candle]) -> str:
    """Return an array with one object per candle, with the fields of `Candle`, decimals as text."""
    return json.dumps([asdict(candle) for candle in candles], default=_as_text)


def as_json_by_pair(answers: Iterable[CandleAnswer]) -> str:
    """Return an array with one object per pair: `asked`, `symbol`, `candles`, `unknown`, `error`.

    [{"asked": "BTC/USD", "symbol": "BTC/USD", "candles": [...], "unknown": null, "error": null},
     {"asked": "OLD/USD", "symbol": null, "candles": null, "unknown": "Kraken trades no ...", ...}]
    """
    return json.dumps([_by_pair(answer) for answer in answers], default=_as_text)


def _by_pair(answer: CandleAnswer) -> dict[str, object]:
    return {
        "asked": answer.asked,
        "symbol": answer.symbol,
        "candles": None if answer.candles is None else [asdict(one) for one in answer.candles],
        "unknown": answer.unknown and str(answer.unknown),
        "error": answer.error and str(answer.error),
    }


def _as_text(value: Decimal | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else f"{value:f}"
