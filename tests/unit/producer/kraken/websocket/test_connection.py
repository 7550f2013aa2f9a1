"""One connection, against a server on loopback."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
import structlog
from websockets.asyncio.server import ServerConnection

from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.connection import Connection
from producer.model.feed_events import Arrival, Broken, LiveTrades, Subscribed
from tests.unit.producer.kraken.websocket.conftest import (
    ACKNOWLEDGED,
    BTC,
    ETH,
    HEARTBEAT,
    NOW,
    PATIENCE_SECONDS,
    QUICK,
    REFUSED,
    STATUS,
    UPDATE,
    Listener,
    Talk,
    acknowledge,
    kraken_that,
    two_breaks,
)


def connected(
    talk: Talk,
    watch: Callable[[Listener], Awaitable[None]],
    *pairs: KrakenPair,
    settings: KrakenFeedSettings = QUICK,
) -> tuple[Listener, list[str]]:
    """Run a connection to a server that talks so, until `watch` has seen enough."""

    async def run(listener: Listener) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), kraken_that(talk) as url:
            connection = Connection(
                pairs or (BTC,), replace(settings, url=url), listener.hand_over, lambda: NOW
            )
            running = asyncio.create_task(connection.run())
            watching = asyncio.ensure_future(watch(listener))
            await asyncio.wait([running, watching], return_when=asyncio.FIRST_COMPLETED)
            failed = running.done()
            running.cancel()
            watching.cancel()
            await asyncio.gather(running, watching, return_exceptions=True)
            if failed:
                running.result()

    listener = Listener()
    with structlog.testing.capture_logs() as lines:
        asyncio.run(run(listener))
    return listener, [line.get("error", line.get("status", "")) for line in lines]


def test_trades_arrive_after_the_subscription() -> None:
    """Each with the time at which it came."""

    async def talk(socket: ServerConnection) -> None:
        await socket.send(STATUS)
        await acknowledge(socket)
        await socket.send(HEARTBEAT)
        await socket.send(UPDATE)
        await socket.wait_closed()

    async def watch(listener: Listener) -> None:
        await listener.until(lambda: bool(listener.of(LiveTrades)))

    listener, _ = connected(talk, watch)
    subscribed, trades = listener.arrivals
    assert subscribed == Subscribed(BTC)
    assert isinstance(trades, LiveTrades)
    assert [(one.trade_id, one.ingested_at) for one in trades.trades] == [
        (107725595, NOW),
        (107725596, NOW),
    ]


def test_every_symbol_is_subscribed_to_again_after_a_break() -> None:
    """A few symbols in each request."""
    asked: list[list[str]] = []

    async def talk(socket: ServerConnection) -> None:
        asked.extend(await acknowledge(socket, requests=2))
        await socket.close(1012)

    listener, errors = connected(
        talk, two_breaks, BTC, ETH, settings=replace(QUICK, symbols_a_request=1)
    )
    assert asked[:4] == [["BTC/USD"], ["ETH/USD"]] * 2
    assert listener.of(Subscribed)[:2] == [Subscribed(BTC), Subscribed(ETH)]
    assert listener.of(Broken)[0] == Broken((BTC, ETH))
    assert "1012" in errors[0]


def test_silence_ends_a_connection_after_a_ping() -> None:
    """Kraken is sent a ping first; an answer keeps the connection."""
    heard: list[str] = []

    async def talk(socket: ServerConnection) -> None:
        await acknowledge(socket)
        heard.append(str(await socket.recv()))
        await socket.send('{"method":"pong"}')
        heard.append(str(await socket.recv()))
        await socket.wait_closed()

    _, errors = connected(talk, two_breaks)
    assert heard[:2] == ['{"method":"ping"}'] * 2
    assert errors[0] == "Kraken's WebSocket kept silent for 0.4 s"


def test_a_subscription_that_nobody_answers_ends_a_connection() -> None:
    """Heartbeats alone do not count as an answer."""

    async def talk(socket: ServerConnection) -> None:
        while True:
            await socket.send(HEARTBEAT)
            await asyncio.sleep(0.01)

    _, errors = connected(talk, two_breaks)
    assert errors[0] == "Kraken's WebSocket has not answered the subscription to BTC/USD"


def test_the_end_of_a_maintenance_starts_anew() -> None:
    """Whatever has become of the subscriptions."""

    async def talk(socket: ServerConnection) -> None:
        await socket.send(STATUS)
        await acknowledge(socket)
        await socket.send(STATUS.replace("online", "maintenance"))
        await socket.send(HEARTBEAT)
        await socket.send(STATUS)
        await socket.wait_closed()

    _, errors = connected(talk, two_breaks)
    assert errors[:2] == [
        "maintenance",
        "Kraken is online again after maintenance; subscribing again",
    ]


def test_a_frame_that_is_no_json_ends_a_connection() -> None:
    """REST brings its other trades."""

    async def talk(socket: ServerConnection) -> None:
        await acknowledge(socket)
        await socket.send(UPDATE[:60])
        await socket.wait_closed()

    _, errors = connected(talk, two_breaks)
    assert "is no JSON" in errors[0]


def test_a_refused_pair_keeps_no_other_from_coming() -> None:
    """REST takes it over with an error in the log, and the connection stays."""

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(REFUSED.replace("XBT/USD", "ETH/USD"))
        await socket.send(ACKNOWLEDGED)
        await socket.send(UPDATE)
        await socket.wait_closed()

    async def watch(listener: Listener) -> None:
        await listener.until(lambda: bool(listener.of(LiveTrades)))

    listener, _ = connected(talk, watch, BTC, ETH)
    assert listener.arrivals[:2] == [Broken((ETH,)), Subscribed(BTC)]


def test_an_unsubscribe_message_is_heard() -> None:
    """REST takes the pair over until it is subscribed to again, which is tried."""
    asked: list[str] = []

    async def talk(socket: ServerConnection) -> None:
        await acknowledge(socket)
        await socket.send(ACKNOWLEDGED.replace('"subscribe"', '"unsubscribe"'))
        while True:
            await socket.send(HEARTBEAT)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    asked.append(str(await socket.recv()))

    async def watch(listener: Listener) -> None:
        await listener.until(lambda: bool(listener.of(Broken)))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("producer.kraken.websocket.subscriptions._STABLE_AFTER", 0.0)
        listener, _ = connected(talk, watch)
    assert listener.arrivals[:2] == [Subscribed(BTC), Broken((BTC,))]


def test_an_address_that_nobody_listens_at_is_tried_again() -> None:
    """It may listen a little later."""

    async def run() -> list[Arrival]:
        listener = Listener()
        settings = replace(QUICK, url="ws://127.0.0.1:9/v2")
        running = asyncio.create_task(
            Connection([BTC], settings, listener.hand_over, lambda: NOW).run()
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            await listener.until(lambda: len(listener.arrivals) == 2)
        running.cancel()
        return listener.arrivals

    with structlog.testing.capture_logs() as lines:
        assert asyncio.run(run()) == [Broken((BTC,))] * 2
    assert "no connection to ws://127.0.0.1:9/v2" in lines[0]["error"]
