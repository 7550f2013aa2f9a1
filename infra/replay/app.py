"""The web application: Kraken's public endpoints and its WebSocket, answered from tapes."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from infra.replay import answers
from infra.replay.candles import write_candles
from infra.replay.control import FaultControl
from infra.replay.delivery import deliver
from infra.replay.fault_plan import FaultPlan, Holes, jump, repeat
from infra.replay.faults import Fault, FaultKind
from infra.replay.live import WEBSOCKET_PATH, LiveStandIn
from infra.replay.paging import MOST_TRADES, Page, turn_page, write_page
from infra.replay.tape import Tape

ORIGIN_HEADER: Final = "X-Replay-Trades"
"""`recorded` or `synthetic`, on every page of trades."""


class KrakenStandIn:
    """Answers as Kraken does.

    Args:
        tapes: One per pair.
        plan: What goes wrong.
        call_interval: Least seconds between two Trades calls for one pair. An earlier call is
            answered with a rate limit, and prolongs it. None: no limit.

    Attributes:
        calls: How often each endpoint was called.
    """

    def __init__(
        self, tapes: Sequence[Tape], plan: FaultPlan, call_interval: float | None = None
    ) -> None:
        self.calls: Counter[str] = Counter()
        self._plan = plan
        self._tapes = {name: tape for tape in tapes for name in tape.pair.names}
        self._all_names = [tape.pair.rest_name for tape in tapes]
        self._holes = Holes()
        self._live = LiveStandIn(tapes, plan, self._holes)
        self._call_interval = call_interval
        self._called_at: dict[str, float] = {}

    def application(self) -> web.Application:
        """Builds the routes."""
        app = web.Application(middlewares=[_wants_user_agent])
        app.add_routes(
            [
                web.get("/0/public/Time", self.time),
                web.get("/0/public/SystemStatus", self.system_status),
                web.get("/0/public/AssetPairs", self.asset_pairs),
                web.get("/0/public/Trades", self.trades),
                web.get("/0/public/OHLC", self.candles),
                web.get(WEBSOCKET_PATH, self.websocket),
                *FaultControl(self._plan).routes(),
                web.route("*", "/{path:.*}", _unknown_method),
            ]
        )
        return app

    async def time(self, request: web.Request) -> web.StreamResponse:
        """GET Time."""
        return await self._tell(request, "Time", answers.server_time(answers.utc_now()))

    async def system_status(self, request: web.Request) -> web.StreamResponse:
        """GET SystemStatus."""
        return await self._tell(request, "SystemStatus", answers.system_status(answers.utc_now()))

    async def asset_pairs(self, request: web.Request) -> web.StreamResponse:
        """GET AssetPairs: all pairs, or those named in `pair`, comma-separated."""
        asked = request.query.get("pair")
        names = asked.split(",") if asked else self._all_names
        if all(name in self._tapes for name in names):
            answer = answers.asset_pairs([self._tapes[name].pair for name in names])
        else:
            answer = answers.error("EQuery:Unknown asset pair")
        return await self._tell(request, "AssetPairs", answer)

    async def trades(self, request: web.Request) -> web.StreamResponse:
        """GET Trades: `pair`, and `since` and `count` where given."""
        self.calls["Trades"] += 1
        tape = self._tapes.get(request.query.get("pair", ""))
        if tape is None:
            return answers.error("EQuery:Unknown asset pair")
        if self._too_early(tape.pair.rest_name):
            return answers.error("EAPI:Rate limit exceeded")
        since, count = request.query.get("since"), request.query.get("count", str(MOST_TRADES))
        if not count.isdecimal() or not 1 <= int(count) <= MOST_TRADES:
            return answers.error("EGeneral:Invalid arguments:count")
        if since is not None and not since.isdecimal():
            return answers.error("EGeneral:Invalid arguments:since")
        turn = partial(
            turn_page,
            tape,
            since=None if since is None else int(since),
            count=int(count),
            now=time.time_ns(),
        )
        page = turn(missing=self._holes.of(tape.pair.rest_name))
        fault = self._plan.next_fault("Trades", page)
        if fault is not None and fault.kind is FaultKind.HOLE:
            self._holes.dig(page, fault.trades)
            page = turn(missing=self._holes.of(tape.pair.rest_name))
        origin = "synthetic" if tape.synthetic else "recorded"
        answer = answers.kraken_answer(self._write(page, fault), {ORIGIN_HEADER: origin})
        return await deliver(request, answer, fault)

    async def candles(self, request: web.Request) -> web.StreamResponse:
        """GET OHLC: `pair`, and `since` where given; of the intervals, a minute alone."""
        tape = self._tapes.get(request.query.get("pair", ""))
        if tape is None:
            return await self._tell(request, "OHLC", answers.error("EQuery:Unknown asset pair"))
        since = request.query.get("since")
        if request.query.get("interval", "1") != "1" or not (since or "0").isdecimal():
            return await self._tell(request, "OHLC", answers.error("EGeneral:Invalid arguments"))
        # In a thread: twelve hours of trades may take seconds.
        body = await asyncio.to_thread(
            write_candles,
            tape,
            since=None if since is None else int(since),
            now=time.time_ns(),
            missing=self._holes.of(tape.pair.rest_name),
        )
        return await self._tell(request, "OHLC", answers.kraken_answer(body))

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """GET /v2: the WebSocket."""
        self.calls["v2"] += 1
        return await self._live.serve(request)

    async def _tell(
        self, request: web.Request, endpoint: str, answer: web.Response
    ) -> web.StreamResponse:
        """Answers a call that is not for trades."""
        self.calls[endpoint] += 1
        return await deliver(request, answer, self._plan.next_fault(endpoint))

    def _write(self, page: Page, fault: Fault | None) -> bytes:
        """Writes the page, or what a fault makes of it."""
        match fault:
            case Fault(kind=FaultKind.REPEAT):
                return write_page(repeat(page, fault.trades))
            case Fault(kind=FaultKind.JUMP):
                return write_page(jump(page, fault.trades))
            case Fault(kind=FaultKind.BAD_ROW):
                (last_row,) = page.tape.rows(page.numbers[-1:])
                return write_page(page, ['["NaN"' + last_row[last_row.index(",") :]])
            case _:
                return write_page(page)

    def _too_early(self, rest_name: str) -> bool:
        """Whether the pair was called too short a while ago; counts this call too."""
        if self._call_interval is None:
            return False
        now = time.monotonic()
        before = self._called_at.get(rest_name)
        self._called_at[rest_name] = now
        return before is not None and now - before < self._call_interval


@web.middleware
async def _wants_user_agent(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses who does not say who they are, as Kraken does."""
    if not request.headers.get(hdrs.USER_AGENT):
        return web.Response(status=HTTPStatus.FORBIDDEN, text="A User-Agent is needed.\n")
    return await handler(request)


async def _unknown_method(_: web.Request) -> web.StreamResponse:
    """Answers every other path."""
    return answers.error("EGeneral:Unknown method")
