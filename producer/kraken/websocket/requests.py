"""The requests to Kraken's WebSocket v2."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

__all__ = ["PING", "parts", "subscribe", "unsubscribe"]

T = TypeVar("T")

PING: Final = '{"method":"ping"}'


def subscribe(symbols: Sequence[str]) -> str:
    """Return a request for the trades of these symbols, starting with the newest 50 of each."""
    params = {"channel": "trade", "symbol": list(symbols), "snapshot": True}
    return json.dumps({"method": "subscribe", "params": params})


def unsubscribe(symbols: Sequence[str]) -> str:
    """Return a request to end the trades of these symbols."""
    params = {"channel": "trade", "symbol": list(symbols)}
    return json.dumps({"method": "unsubscribe", "params": params})


def parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Divide a sequence into parts of at most that size."""
    return (whole[start : start + size] for start in range(0, len(whole), size))
