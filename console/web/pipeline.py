"""The page of the pipeline: rate, lag and age at each step, and its live events."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from console.web.events import Event, event, live
from console.web.pipeline_steps import pipeline_steps, pipeline_verdict
from console.web.site import Site, site_of

__all__ = ["pipeline_content", "pipeline_events", "pipeline_page"]

_LOOK_EVERY: Final = 2.0


def pipeline_content(site: Site) -> dict[str, object]:
    """Return what the page is made from."""
    steps = pipeline_steps(site)
    return {
        "steps": steps,
        "verdict": pipeline_verdict(steps),
        "quarantined": sum(file.rows for file in site.view.index.quarantined()),
    }


async def pipeline_page(request: Request) -> Response:
    """Show every step."""
    site = site_of(request)
    content = await run_in_threadpool(pipeline_content, site)
    return site.render(request, "pipeline.html", content)


async def pipeline_events(request: Request) -> Response:
    """Send the steps every two seconds."""
    return live(_changes(site_of(request), request))


async def _changes(site: Site, request: Request) -> AsyncIterator[Event]:
    while not await request.is_disconnected():
        steps = await run_in_threadpool(pipeline_steps, site)
        yield event("status", site.status())
        yield event("steps", [asdict(step) for step in steps])
        yield event("verdict", asdict(pipeline_verdict(steps)))
        await asyncio.sleep(_LOOK_EVERY)
