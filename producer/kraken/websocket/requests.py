"""What we say to Kraken's WebSocket v2."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

__all__ = ["PING", "parts", "subscribe", "unsubscribe"]

T = TypeVar("T")

PING: Final = '{"method":"ping"}'


def subscribe(symbols: Sequence[str]) -> str:
    """Ask for the trades of these symbols, and for the newest 50 of each to begin with."""
    params = {"channel": "trade", "symbol": list(symbols), "snapshot": True}
    return json.dumps({"method": "subscribe", "params": params})


def unsubscribe(symbols: Sequence[str]) -> str:
    """Ask for the end of these symbols' trades."""
    params = {"channel": "trade", "symbol": list(symbols)}
    return json.dumps({"method": "unsubscribe", "params": params})


def parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into parts of at most that size."""
    return (whole[start : start + size] for start in range(0, len(whole), size))
