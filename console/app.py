"""Connects the pages to the lake and to the services."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from console.errors import ConsoleError, NoLake
from console.lake_view.view import LakeView
from console.services.broker import BrokerWatch
from console.services.contract import ask_registry
from console.services.inquiry import Inquiry
from console.services.missing_ids import ask_reasons
from console.settings import ConsoleSettings
from console.web.completeness import day_page, hour_page, month_page
from console.web.contract import contract_page, quarantine_page
from console.web.faults import fault_sentence
from console.web.looking import LookedAt
from console.web.pair import candles_json, pair_events, pair_page
from console.web.pairs import pairs_events, pairs_page
from console.web.pipeline import pipeline_events, pipeline_page
from console.web.security import OnlyReading
from console.web.site import Site, site_of
from lake.errors import LakeError
from lake.layout import LakeLayout
from runtime.settings import KafkaSettings, RegistrySettings
from runtime.topic_state import TopicClient

__all__ = ["build_app", "build_site"]

_STATIC: Final = Path(__file__).parent / "static"
_BROKER_EVERY: Final = 5.0
_REASONS_EVERY: Final = 60.0
_REGISTRY_EVERY: Final = 30.0


def build_site(layout: LakeLayout, kafka: KafkaSettings, registry: RegistrySettings) -> Site:
    """Connect the pages to a lake and its services. Nothing is asked before a page needs it."""
    # One client asks all questions. The first question makes it: a client connects at once.
    topic = cache(lambda: TopicClient(kafka))
    return Site(
        view=LakeView(layout),
        topic=kafka.topic,
        registry_url=registry.url,
        broker=Inquiry(BrokerWatch(lambda: topic().state()), _BROKER_EVERY),
        reasons=Inquiry(ask_reasons, _REASONS_EVERY),
        registry=Inquiry(lambda: ask_registry(registry, kafka.topic), _REGISTRY_EVERY),
    )


def build_app(site: Site, settings: ConsoleSettings) -> ASGIApp:
    """Build the server of the pages."""

    @asynccontextmanager
    async def following(_: Starlette) -> AsyncIterator[None]:
        site.view.start()
        try:
            yield
        finally:
            site.view.stop()

    app = Starlette(
        routes=_routes(site.view),
        exception_handlers={
            ConsoleError: _known_fault,
            HTTPException: _no_page,
            LakeError: _lake_fault,
            duckdb.Error: _unreadable,
            Exception: _unknown_fault,
        },
        lifespan=following,
    )
    app.state.site = site
    return OnlyReading(app, settings.names)


def _routes(view: LakeView) -> Sequence[BaseRoute]:
    pages = {
        "/": pairs_page,
        "/events/pairs": pairs_events,
        "/pair/{folder}": pair_page,
        "/pair/{folder}/candles.json": candles_json,
        "/pair/{folder}/events": pair_events,
        "/completeness": day_page,
        "/completeness/{folder}": month_page,
        "/completeness/{folder}/{hour}": hour_page,
        "/pipeline": pipeline_page,
        "/events/pipeline": pipeline_events,
        "/contract": contract_page,
        "/quarantine": quarantine_page,
    }
    # One in a folder is followed all the time.
    looking = [Middleware(LookedAt, view=view)] if view.index.layout.is_on_store else []
    return [
        *(Route(path, page, middleware=looking) for path, page in pages.items()),
        Route("/health", _health),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


def _health(request: Request) -> Response:
    """Say that the pages answer, and what they say of the lake."""
    index = site_of(request).view.index
    return JSONResponse(
        {"status": "ok", "commit": index.number, "lake": site_of(request).status()["kind"]}
    )


def _fault(
    request: Request, status: int, title: str, text: str, *, again: bool = False
) -> Response:
    """Answer with a fault; the page looks `again` by itself if that may pass."""
    if request.url.path.endswith(".json"):
        return JSONResponse({"error": text}, status)
    content = {"title": title, "text": text, "again": again}
    return site_of(request).render(request, "error.html", content, status)


def _known_fault(request: Request, error: Exception) -> Response:
    status = getattr(error, "status", 500)
    titles = {404: "Not in this lake", 400: "This address cannot be used"}
    title, again = titles.get(status, "Not now"), isinstance(error, NoLake)
    return _fault(request, status, title, str(error), again=again)


def _no_page(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return _fault(request, status, "No such page", "There is no page at this address.")


def _lake_fault(request: Request, error: Exception) -> Response:
    return _fault(request, 503, "The lake cannot be read", str(error))


def _unreadable(request: Request, error: Exception) -> Response:
    return _fault(request, 503, "The lake cannot be read", fault_sentence(error))


def _unknown_fault(request: Request, error: Exception) -> Response:
    text = f"The page could not be made: {type(error).__name__}. The program's log has the details."
    return _fault(request, 500, "An error of the page", text)
