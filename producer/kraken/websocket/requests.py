"""The requests to Kraken's WebSocket v2."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

__all__ = ["PING", "PacedRequests", "parts", "subscribe", "unsubscribe"]

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


class _Socket(Protocol):
    def send(self, message: str) -> Awaitable[None]:
        """Send a message."""


class PacedRequests:
    """Sends one connection's requests, in parts and no faster than Kraken allows.

    Args:
        most: The most symbols in one request.
        interval: Least seconds from one request to the next.
        clock: Monotonic seconds.
        sleep: Waits.
    """

    def __init__(
        self,
        most: int,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = most
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    async def send(
        self, socket: _Socket, request: Callable[[Sequence[str]], str], symbols: Sequence[str]
    ) -> None:
        """Send a request about the symbols, in as many parts as it needs."""
        for part in parts(symbols, self._most):
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._interval
            if turn > now:
                await self._sleep(turn - now)
            await socket.send(request(part))
