"""A connection under test, and what it hands over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.arrivals import Arrival
from producer.kraken.websocket.connection import Connection
from tests.unit.producer.kraken.websocket.conftest import (
    BTC,
    Talk,
    kraken_that,
)

NOW = datetime(2026, 9, 14, 18, 32, 28, tzinfo=UTC)
QUICK = KrakenFeedSettings(silence=0.4, first_wait=0.01, longest_wait=0.02, answer_within=0.2)
PATIENCE_SECONDS = 20.0


class Told:
    """What a connection has handed over, and been logged for."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._changed = asyncio.Event()

    def hand_over(self, arrival: Arrival) -> None:
        """Takes an arrival."""
        self.arrivals.append(arrival)
        self._changed.set()

    def of(self, kind: type[Any]) -> list[Any]:
        """The arrivals of one kind."""
        return [arrival for arrival in self.arrivals if isinstance(arrival, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for arrivals until the condition holds."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()


def connected(
    talk: Talk,
    watch: Callable[[Told], Awaitable[None]],
    *pairs: KrakenPair,
    settings: KrakenFeedSettings = QUICK,
) -> tuple[Told, list[str]]:
    """Runs a connection to a server that talks so, until `watch` has seen enough."""

    async def run(told: Told) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), kraken_that(talk) as url:
            connection = Connection(
                pairs or (BTC,), replace(settings, url=url), told.hand_over, lambda: NOW
            )
            running = asyncio.create_task(connection.run())
            watching = asyncio.ensure_future(watch(told))
            await asyncio.wait([running, watching], return_when=asyncio.FIRST_COMPLETED)
            failed = running.done()
            running.cancel()
            watching.cancel()
            await asyncio.gather(running, watching, return_exceptions=True)
            if failed:
                running.result()

    told = Told()
    with structlog.testing.capture_logs() as lines:
        asyncio.run(run(told))
    return told, [line.get("error", line.get("status", "")) for line in lines]
