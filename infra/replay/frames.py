"""What the stand-in says over WebSocket v2, frame by frame: pure."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from typing import Final

from infra.replay.tape import Tape
from producer.kraken.json_text import read_json
from producer.units import moment_of

__all__ = [
    "HEARTBEAT",
    "acknowledgement",
    "error",
    "pong",
    "refusal",
    "snapshot",
    "status",
    "updates",
]

HEARTBEAT: Final = '{"channel":"heartbeat"}'
_SIDES: Final = {"b": "buy", "s": "sell"}
_ORDER_TYPES: Final = {"m": "market", "l": "limit"}
_Row = Sequence[str]


def status(system: str) -> str:
    """The state of the engine, as it is told on connecting and whenever it changes."""
    data = {"version": "2.0.10", "system": system, "api_version": "v2", "connection_id": 1}
    return _compact({"channel": "status", "type": "update", "data": [data]})


def pong(now: datetime) -> str:
    """The answer to a ping."""
    return _compact({"method": "pong", **_times(now)})


def acknowledgement(symbol: str, now: datetime, *, with_snapshot: bool) -> str:
    """A subscription taken."""
    result = {"channel": "trade", "snapshot": with_snapshot, "symbol": symbol}
    return _compact({"method": "subscribe", "result": result, "success": True, **_times(now)})


def refusal(symbol: str, now: datetime) -> str:
    """A subscription refused, as Kraken does for a pair that it does not have."""
    said = {"error": f"Currency pair not supported {symbol}", "method": "subscribe"}
    return _compact({**said, "success": False, "symbol": symbol, **_times(now)})


def error(message: str, now: datetime) -> str:
    """The answer to a request that is none."""
    return _compact({"error": message, "method": "error", "success": False, **_times(now)})


def snapshot(symbol: str, tape: Tape, numbers: Iterable[int]) -> str:
    """The newest trades, with which a subscription begins."""
    return _trades(symbol, "snapshot", _rows(tape, numbers))


def updates(symbol: str, tape: Tape, numbers: Iterable[int]) -> list[str]:
    """One frame for each moment: all trades of one taker share it."""
    return [
        _trades(symbol, "update", rows)
        for _, rows in groupby(_rows(tape, numbers), key=lambda row: row[2])
    ]


def _rows(tape: Tape, numbers: Iterable[int]) -> list[_Row]:
    return [_row(text) for text in tape.rows(numbers)]


def _row(text: str) -> _Row:
    """The fields of a REST row, each as text."""
    row = read_json(text)
    return row if isinstance(row, list) else []


def _trades(symbol: str, kind: str, rows: Iterable[_Row]) -> str:
    entries = ",".join(_entry(symbol, row) for row in rows)
    return f'{{"channel":"trade","type":"{kind}","data":[{entries}]}}'


def _entry(symbol: str, row: _Row) -> str:
    """A REST row as WebSocket v2 writes it: digits as they are, but as JSON numbers."""
    price, volume, time, side, order_type, _, trade_id = row[:7]
    return (
        f'{{"symbol":"{symbol}","side":"{_SIDES[side]}","price":{price},"qty":{volume},'
        f'"ord_type":"{_ORDER_TYPES[order_type]}","trade_id":{trade_id},'
        f'"timestamp":"{_timestamp(time)}"}}'
    )


def _timestamp(seconds: str) -> str:
    """Unix seconds as RFC 3339, cut to the microsecond."""
    microseconds = int((Decimal(seconds) * 10**6).to_integral_value(ROUND_FLOOR))
    return _rfc_3339(moment_of(microseconds))


def _rfc_3339(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _times(now: datetime) -> dict[str, str]:
    return {"time_in": _rfc_3339(now), "time_out": _rfc_3339(now)}


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
