"""The web application: Kraken's public endpoints and its WebSocket, answered from tapes."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from infra.fake_kraken.faults.control import FaultControl
from infra.fake_kraken.faults.delivery import deliver
from infra.fake_kraken.faults.fault_plan import FaultPlan, Holes
from infra.fake_kraken.faults.kinds import FaultKind
from infra.fake_kraken.faults.listing_control import ListingControl
from infra.fake_kraken.market.book import Book
from infra.fake_kraken.market.candles import write_candles
from infra.fake_kraken.market.listing import Listing
from infra.fake_kraken.market.paging import MOST_TRADES
from infra.fake_kraken.market.shown import Shown
from infra.fake_kraken.market.tape import Tape
from infra.fake_kraken.web import answers
from infra.fake_kraken.web.live import WEBSOCKET_PATH, LiveStandIn
from infra.fake_kraken.web.pages import Pages, TradesCall
from runtime.clock import utc_now

__all__ = ["ORIGIN_HEADER", "KrakenStandIn"]

ORIGIN_HEADER: Final = "X-Replay-Trades"
"""`recorded` or `synthetic`, on every page of trades."""


class KrakenStandIn:
    """Answers as Kraken does.

    Args:
        tapes: One per pair.
        plan: The faults.
        call_interval: Minimum seconds between two Trades calls for one pair. An earlier call gets a
            rate limit error, and starts the interval again. None: no limit.
        shown: If given, stores the trades that any endpoint showed.

    Attributes:
        calls: Number of calls of each endpoint.
    """

    def __init__(
        self,
        tapes: Sequence[Tape],
        plan: FaultPlan,
        call_interval: float | None = None,
        shown: Shown | None = None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self._plan = plan
        self._holes = Holes()
        books = [Book(tape, plan, self._holes) for tape in tapes]
        self._books = {book.pair.rest_name: book for book in books}
        self._listing = Listing(books)
        self._pages = Pages(plan, shown)
        self._live = LiveStandIn(self._listing, plan, shown)
        self._call_interval = call_interval
        self._called_at: dict[str, float] = {}

    def real_holes(self, rest_name: str) -> list[int]:
        """Return the ids of a pair that no endpoint ever shows."""
        return self._books[rest_name].ids(sorted(self._holes.of(rest_name)))

    def list_pair(self, tape: Tape) -> None:
        """List one more pair from now on. This method may be called from another thread."""
        book = Book(tape, self._plan, self._holes)
        self._books[book.pair.rest_name] = book
        self._listing.add(book)

    def application(self) -> web.Application:
        """Build the routes."""
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
                *ListingControl(self._plan, self.list_pair).routes(),
                web.route("*", "/{path:.*}", _unknown_method),
            ]
        )
        return app

    async def time(self, request: web.Request) -> web.StreamResponse:
        """GET Time."""
        return await self._respond(request, "Time", answers.server_time(utc_now()))

    async def system_status(self, request: web.Request) -> web.StreamResponse:
        """GET SystemStatus."""
        return await self._respond(request, "SystemStatus", answers.system_status(utc_now()))

    async def asset_pairs(self, request: web.Request) -> web.StreamResponse:
        """GET AssetPairs: all pairs of an asset class, or those that `pair` lists with commas."""
        asked, asset_class = request.query.get("pair"), request.query.get("aclass_base")
        now = time.time_ns()
        if asked is None:
            named = self._listing.all(asset_class, now)
        else:
            found = [self._listing.find(name, asset_class, now) for name in asked.split(",")]
            named = [book for book in found if book is not None]
            if len(named) < len(found):
                return await self._respond(request, "AssetPairs", _unknown_pair())
        answer = answers.asset_pairs([book.pair for book in named])
        return await self._respond(request, "AssetPairs", answer, named if asked else ())

    async def trades(self, request: web.Request) -> web.StreamResponse:
        """GET Trades: `pair`, optionally `since` and `count`."""
        self.calls["Trades"] += 1
        now = time.time_ns()
        book = self._find(request, now)
        if book is None:
            return _unknown_pair()
        if self._too_early(book.pair.rest_name):
            return answers.error("EAPI:Rate limit exceeded")
        since, count = request.query.get("since"), request.query.get("count", str(MOST_TRADES))
        if not count.isdecimal() or not 1 <= int(count) <= MOST_TRADES:
            return answers.error("EGeneral:Invalid arguments:count")
        if since is not None and not since.isdecimal():
            return answers.error("EGeneral:Invalid arguments:since")
        call = TradesCall(book, None if since is None else int(since), int(count), now)
        page = self._pages.turn(call)
        fault = self._plan.next_fault("Trades", page)
        if fault is not None and fault.kind is FaultKind.HOLE:
            self._holes.dig(page, fault.trades)
            page = self._pages.turn(call)
        body = self._pages.body(page, fault, str(request.rel_url))
        answer = answers.kraken_answer(
            body, {ORIGIN_HEADER: "synthetic" if book.synthetic else "recorded"}
        )
        return await deliver(request, answer, fault)

    async def candles(self, request: web.Request) -> web.StreamResponse:
        """GET OHLC: `pair`, optionally `since`; the only interval is a minute."""
        now = time.time_ns()
        book = self._find(request, now)
        if book is None:
            return await self._respond(request, "OHLC", _unknown_pair())
        since = request.query.get("since")
        if request.query.get("interval", "1") != "1" or not (since or "0").isdecimal():
            return await self._respond(request, "OHLC", answers.error("EGeneral:Invalid arguments"))
        # In a thread, because twelve hours of trades may take seconds.
        body = await asyncio.to_thread(
            write_candles,
            book,
            since=None if since is None else int(since),
            now=now,
            missing=book.missing_from_rest(now),
        )
        return await self._respond(request, "OHLC", answers.kraken_answer(body), [book])

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """GET /v2: the WebSocket."""
        self.calls["v2"] += 1
        return await self._live.serve(request)

    async def _respond(
        self,
        request: web.Request,
        endpoint: str,
        answer: web.Response,
        about: Iterable[Book] = (),
    ) -> web.StreamResponse:
        """Answer a call that is not for trades."""
        self.calls[endpoint] += 1
        pairs = [book.pair for book in about]
        return await deliver(request, answer, self._plan.next_fault(endpoint, pairs=pairs))

    def _find(self, request: web.Request, now: int) -> Book | None:
        """Return the pair that a call names."""
        query = request.query
        return self._listing.find(query.get("pair", ""), query.get("asset_class"), now)

    def _too_early(self, rest_name: str) -> bool:
        """Return whether the last call for the pair is too recent, and note this call."""
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
    """Refuse requests without a User-Agent, as Kraken does."""
    if not request.headers.get(hdrs.USER_AGENT):
        return web.Response(status=HTTPStatus.FORBIDDEN, text="A User-Agent is needed.\n")
    return await handler(request)


async def _unknown_method(_: web.Request) -> web.StreamResponse:
    """Answer every other path."""
    return answers.error("EGeneral:Unknown method")


def _unknown_pair() -> web.Response:
    return answers.error("EQuery:Unknown asset pair")
