"""The frames that the stand-in sends over WebSocket v2. Pure functions."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from typing import Final, NamedTuple

from infra.fake_kraken.market.tape import Tape
from producer.kraken.json_text import read_json
from producer.model.units import moment_of

__all__ = [
    "HEARTBEAT",
    "Update",
    "acknowledgement",
    "error",
    "pong",
    "refusal",
    "snapshot",
    "status",
    "unsubscribed",
    "updates",
]

HEARTBEAT: Final = '{"channel":"heartbeat"}'
_SIDES: Final = {"b": "buy", "s": "sell"}
_ORDER_TYPES: Final = {"m": "market", "l": "limit"}
_Row = Sequence[str]


class Update(NamedTuple):
    """A frame of trades, with their numbers on the tape."""

    text: str
    numbers: Sequence[int]


def status(system: str) -> str:
    """Return the frame with the engine's state, sent on connecting and when the state changes."""
    data = {"version": "2.0.10", "system": system, "api_version": "v2", "connection_id": 1}
    return _compact({"channel": "status", "type": "update", "data": [data]})


def pong(now: datetime) -> str:
    """Return the answer to a ping."""
    return _compact({"method": "pong", **_times(now)})


def acknowledgement(symbol: str, now: datetime, *, with_snapshot: bool) -> str:
    """Return the answer to an accepted subscription."""
    result = {"channel": "trade", "snapshot": with_snapshot, "symbol": symbol}
    return _compact({"method": "subscribe", "result": result, "success": True, **_times(now)})


def refusal(symbol: str, now: datetime, reason: str = "") -> str:
    """Return the refusal of a subscription, by default Kraken's for an unknown pair."""
    head = {"error": reason or f"Currency pair not supported {symbol}", "method": "subscribe"}
    return _compact({**head, "success": False, "symbol": symbol, **_times(now)})


def error(message: str, now: datetime) -> str:
    """Return the answer to a malformed request."""
    return _compact({"error": message, "method": "error", "success": False, **_times(now)})


def unsubscribed(symbol: str, now: datetime) -> str:
    """Return the frame that ends a subscription, requested or not."""
    result = {"channel": "trade", "symbol": symbol}
    return _compact({"method": "unsubscribe", "result": result, "success": True, **_times(now)})


def snapshot(symbol: str, tape: Tape, numbers: Iterable[int], *, later: int = 0) -> str:
    """Return the newest trades, with which a subscription begins.

    Args:
        symbol: The pair's WebSocket symbol.
        tape: The trades.
        numbers: The numbers of the trades to send.
        later: Microseconds to add to their times.
    """
    return _trades(symbol, "snapshot", _rows(tape, numbers), later)


def updates(symbol: str, tape: Tape, numbers: Sequence[int], *, later: int = 0) -> list[Update]:
    """Return a frame for each moment, which one taker's trades share. See `snapshot`."""
    numbered = zip(numbers, _rows(tape, numbers), strict=True)
    moments = [[*group] for _, group in groupby(numbered, key=lambda one: one[1][2])]
    return [
        Update(
            _trades(symbol, "update", [row for _, row in moment], later),
            [number for number, _ in moment],
        )
        for moment in moments
    ]


def _rows(tape: Tape, numbers: Iterable[int]) -> list[_Row]:
    return [_row(text) for text in tape.rows(numbers)]


def _row(text: str) -> _Row:
    """Return the fields of a REST row, each as text."""
    row = read_json(text)
    return row if isinstance(row, list) else []


def _trades(symbol: str, kind: str, rows: Iterable[_Row], later: int) -> str:
    entries = ",".join(_entry(symbol, row, later) for row in rows)
    return f'{{"channel":"trade","type":"{kind}","data":[{entries}]}}'


def _entry(symbol: str, row: _Row, later: int) -> str:
    """Return a REST row as WebSocket v2 writes it: the same digits, but as JSON numbers."""
    price, volume, time, side, order_type, _, trade_id = row[:7]
    return (
        f'{{"symbol":"{symbol}","side":"{_SIDES[side]}","price":{price},"qty":{volume},'
        f'"ord_type":"{_ORDER_TYPES[order_type]}","trade_id":{trade_id},'
        f'"timestamp":"{_timestamp(time, later)}"}}'
    )


def _timestamp(seconds: str, later: int) -> str:
    """Return unix seconds as RFC 3339, truncated to microseconds, plus `later` microseconds."""
    microseconds = int((Decimal(seconds) * 10**6).to_integral_value(ROUND_FLOOR))
    return _rfc_3339(moment_of(microseconds + later))


def _rfc_3339(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _times(now: datetime) -> dict[str, str]:
    return {"time_in": _rfc_3339(now), "time_out": _rfc_3339(now)}


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
