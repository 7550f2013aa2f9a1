"""Frames of Kraken's WebSocket v2, a server that a test scripts, and a listener."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenFeedSettings
from producer.model.feed_events import Arrival, Broken

# Written after frames recorded on 2026-09-14: same shape, same values.
STATUS = (
    '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online",'
    '"api_version":"v2","connection_id":9495665260460728638,"upcoming_maintenance":[],'
    '"emergency":[]}]}'
)
ACKNOWLEDGED = (
    '{"method":"subscribe","result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},'
    '"success":true,"time_in":"2026-09-14T18:32:25.133594Z",'
    '"time_out":"2026-09-14T18:32:25.133649Z"}'
)
REFUSED = (
    '{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,'
    '"symbol":"XBT/USD","time_in":"2018-11-12T21:14:59.545897Z",'
    '"time_out":"2018-11-12T21:14:59.545901Z"}'
)
HEARTBEAT = '{"channel":"heartbeat"}'
ENTRY = (
    '{"symbol":"BTC/USD","side":"buy","price":79192.9,"qty":0.00100000,"ord_type":"limit",'
    '"trade_id":107725591,"timestamp":"2026-09-14T18:32:27.420924Z"}'
)
UPDATE = (
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell",'
    '"price":79192.8,"qty":0.00047353,"ord_type":"limit","trade_id":107725595,'
    '"timestamp":"2026-09-14T18:32:27.809282Z"},{"symbol":"BTC/USD","side":"sell",'
    '"price":79192.8,"qty":0.00010000,"ord_type":"limit","trade_id":107725596,'
    '"timestamp":"2026-09-14T18:32:27.809282Z"}]}'
)

BTC = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")
ETH = KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD")

NOW = datetime(2026, 9, 14, 18, 32, 28, tzinfo=UTC)
QUICK = KrakenFeedSettings(
    silence=0.4, first_wait=0.01, longest_wait=0.02, answer_within=0.2, request_interval=0.01
)
PATIENCE_SECONDS = 60.0

Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def kraken_that(talk: Talk) -> AsyncIterator[str]:
    """A server on loopback whose connections end when `talk` does; yields its address."""
    async with serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/v2"


async def acknowledge(socket: ServerConnection, requests: int = 1) -> list[list[str]]:
    """Answer so many subscriptions with yes; the symbols of each."""
    asked = []
    for _ in range(requests):
        symbols = json.loads(await socket.recv())["params"]["symbol"]
        asked.append(symbols)
        for symbol in symbols:
            await socket.send(ACKNOWLEDGED.replace("BTC/USD", symbol))
    return asked


class Listener:
    """What a connection has handed over, and been logged for."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._changed = asyncio.Event()

    def hand_over(self, arrival: Arrival) -> None:
        """Take an arrival."""
        self.arrivals.append(arrival)
        self._changed.set()

    def of(self, kind: type[Any]) -> list[Any]:
        """The arrivals of one kind."""
        return [arrival for arrival in self.arrivals if isinstance(arrival, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for arrivals until the condition holds."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()


async def two_breaks(listener: Listener) -> None:
    """Wait for two breaks."""
    await listener.until(lambda: len(listener.of(Broken)) == 2)
