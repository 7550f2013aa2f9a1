"""WebSocket v2 from books: subscriptions, trades as they become visible, heartbeats."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from infra.fake_kraken.faults.fault_plan import FaultPlan
from infra.fake_kraken.faults.kinds import FaultKind
from infra.fake_kraken.market.book import Book
from infra.fake_kraken.market.listing import Listing
from infra.fake_kraken.market.shown import Shown
from infra.fake_kraken.web import frames
from infra.fake_kraken.web.wire import Wire
from runtime.clock import utc_now

__all__ = ["WEBSOCKET_PATH", "LiveStandIn"]

WEBSOCKET_PATH: Final = "/v2"
_SNAPSHOT_TRADES: Final = 50
_TICK_SECONDS: Final = 0.005
_TICK_SECONDS_A_PAIR: Final = 0.00005
"""A connection with hundreds of pairs looks less often, so that it leaves time for others."""


class LiveStandIn:
    """Serves connections as Kraken's WebSocket v2 does.

    Args:
        listing: The books.
        plan: The faults.
        shown: If given, stores the trades that are sent.
    """

    def __init__(self, listing: Listing, plan: FaultPlan, shown: Shown | None = None) -> None:
        self._listing = listing
        self._plan = plan
        self._shown = shown

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        wire = Wire(socket, request, self._plan)
        session = Session(wire, self._listing, self._plan, self._shown)
        pushing = asyncio.create_task(session.push())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await session.answer(message.data)
        finally:
            pushing.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await pushing
        return socket


class Session:
    """The subscriptions of one connection, and how far each has been served."""

    def __init__(self, wire: Wire, listing: Listing, plan: FaultPlan, shown: Shown | None) -> None:
        self._wire = wire
        self._listing = listing
        self._plan = plan
        self._shown = shown
        self._sent: dict[str, int] = {}
        self._dead: dict[str, str] = {}

    async def push(self) -> None:
        """Send what becomes visible, until cancelled."""
        await self._wire.say(frames.status("online"))
        while True:
            now = time.time_ns()
            for symbol, sent in list(self._sent.items()):
                book = self._listing.subscribed(symbol, now)
                if book is not None and (visible := book.visible(now)) > sent:
                    await self._send(symbol, book, range(sent, visible))
            await self._wire.tick(subscribed=bool(self._sent))
            await asyncio.sleep(max(_TICK_SECONDS, len(self._sent) * _TICK_SECONDS_A_PAIR))

    async def answer(self, text: str) -> None:
        """Answer one request."""
        request = _read(text)
        match request:
            case {"method": "ping"}:
                await self._wire.say(frames.pong(utc_now()))
            case {"method": "subscribe", "params": {"channel": "trade", "symbol": [*symbols]}}:
                for symbol in symbols:
                    await self._subscribe(
                        str(symbol), with_snapshot=bool(request["params"].get("snapshot"))
                    )
            case {"method": "unsubscribe", "params": {"channel": "trade", "symbol": [*symbols]}}:
                for symbol in symbols:
                    await self._unsubscribe(str(symbol))
            case _:
                await self._wire.say(frames.error("Malformed request", utc_now()))

    async def _subscribe(self, symbol: str, *, with_snapshot: bool) -> None:
        book = self._listing.subscribed(symbol, time.time_ns())
        if symbol in self._sent:
            await self._wire.say(frames.refusal(symbol, utc_now(), "Already subscribed"))
            return
        if book is None or self._plan.refuses(book.pair):
            await self._wire.say(frames.refusal(symbol, utc_now()))
            return
        visible = book.visible(time.time_ns())
        self._sent[symbol] = visible
        await self._wire.say(frames.acknowledgement(symbol, utc_now(), with_snapshot=with_snapshot))
        if with_snapshot:
            numbers = self._there(book, range(max(0, visible - _SNAPSHOT_TRADES), visible))
            later = self._later(book)
            await self._wire.say(frames.snapshot(symbol, book, numbers, later=later))
            self._note(book, numbers)

    async def _unsubscribe(self, symbol: str) -> None:
        self._sent.pop(symbol, None)
        if self._dead.get(symbol) == "subscribe":
            del self._dead[symbol]
        await self._wire.say(frames.unsubscribed(symbol, utc_now()))

    async def _send(self, symbol: str, book: Book, numbers: range) -> None:
        """Send a pair's new trades, unless its subscription is dead."""
        self._sent[symbol] = numbers.stop
        if self._plan.strikes(FaultKind.UNSUBSCRIBED, book.pair):
            await self._unsubscribe(symbol)
            return
        if dead := self._plan.strikes(FaultKind.DEAD_SUBSCRIPTION, book.pair):
            self._dead[symbol] = dead.until
        if symbol in self._dead:
            return
        later = self._later(book)
        for frame in frames.updates(symbol, book, self._there(book, numbers), later=later):
            if await self._wire.send_trades(frame.text, book.pair):
                self._note(book, frame.numbers)

    def _later(self, book: Book) -> int:
        return 1 if self._plan.strikes(FaultKind.MICROSECOND, book.pair) else 0

    def _there(self, book: Book, numbers: range) -> Sequence[int]:
        """Return the numbers of a range whose trades the WebSocket sends."""
        missing = book.missing_from_socket()
        if self._plan.in_force(FaultKind.LOST_LAST, book.pair) and (
            last := book.lasts_before_a_pause(numbers)
        ):
            self._plan.strikes(FaultKind.LOST_LAST, book.pair)
            missing |= last
        return [number for number in numbers if number not in missing]

    def _note(self, book: Book, numbers: Sequence[int]) -> None:
        if self._shown is not None:
            self._shown.note(book, numbers)


def _read(text: str) -> Any:  # noqa: ANN401  a client may send anything
    try:
        return json.loads(text)
    except ValueError:
        return None
