"""WebSocket v2 from tapes: subscriptions, trades as they become visible, heartbeats."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from infra.replay import frames
from infra.replay.answers import utc_now
from infra.replay.fault_plan import FaultPlan, Holes
from infra.replay.paging import Page
from infra.replay.tape import Tape
from infra.replay.wire import Wire
from producer.kraken.pairs import canonical_symbol

__all__ = ["WEBSOCKET_PATH", "LiveStandIn"]

WEBSOCKET_PATH: Final = "/v2"
_SNAPSHOT_TRADES: Final = 50
_TICK_SECONDS: Final = 0.005


class LiveStandIn:
    """Speaks as Kraken's WebSocket v2 does.

    Args:
        tapes: One per pair.
        plan: What goes wrong.
        holes: Trades that Kraken does not have.
    """

    def __init__(self, tapes: Sequence[Tape], plan: FaultPlan, holes: Holes) -> None:
        self._tapes = {canonical_symbol(tape.pair.wsname): tape for tape in tapes}
        self._plan = plan
        self._holes = holes

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection until it ends."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        session = Session(Wire(socket, request, self._plan), self._tapes, self._plan, self._holes)
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
    """What one connection has subscribed to, and how far it has been served."""

    def __init__(self, wire: Wire, tapes: dict[str, Tape], plan: FaultPlan, holes: Holes) -> None:
        self._wire = wire
        self._tapes = tapes
        self._plan = plan
        self._holes = holes
        self._sent: dict[str, int] = {}

    async def push(self) -> None:
        """Sends what becomes visible, until cancelled."""
        await self._wire.say(frames.status("online"))
        while True:
            now = time.time_ns()
            for symbol, sent in list(self._sent.items()):
                tape = self._tapes[symbol]
                visible = tape.visible(now)
                if visible > sent:
                    self._sent[symbol] = visible
                    for frame in frames.updates(symbol, tape, self._there(tape, sent, visible)):
                        await self._wire.send_trades(frame, tape.pair)
            await self._wire.tick(subscribed=bool(self._sent))
            await asyncio.sleep(_TICK_SECONDS)

    async def answer(self, text: str) -> None:
        """Answers one request."""
        request = _read(text)
        match request:
            case {"method": "ping"}:
                await self._wire.say(frames.pong(utc_now()))
            case {"method": "subscribe", "params": {"channel": "trade", "symbol": [*symbols]}}:
                for symbol in symbols:
                    await self._subscribe(
                        str(symbol), with_snapshot=bool(request["params"].get("snapshot"))
                    )
            case _:
                await self._wire.say(frames.error("Malformed request", utc_now()))

    async def _subscribe(self, symbol: str, *, with_snapshot: bool) -> None:
        tape = self._tapes.get(symbol)
        if tape is None or self._plan.refuses(tape.pair):
            await self._wire.say(frames.refusal(symbol, utc_now()))
            return
        visible = tape.visible(time.time_ns())
        self._sent[symbol] = visible
        await self._wire.say(frames.acknowledgement(symbol, utc_now(), with_snapshot=with_snapshot))
        if with_snapshot:
            numbers = self._there(tape, max(0, visible - _SNAPSHOT_TRADES), visible)
            await self._wire.say(frames.snapshot(symbol, tape, numbers))
        self._sent[symbol] = visible

    def _there(self, tape: Tape, start: int, stop: int) -> Sequence[int]:
        """The numbers of a range that Kraken has."""
        page = Page(tape, None, start, range(start, stop), 0)
        return self._holes.without_missing(page).numbers


def _read(text: str) -> Any:  # noqa: ANN401  whatever a client sends
    try:
        return json.loads(text)
    except ValueError:
        return None
