"""Live events of a page, which say so when the lake cannot be read, and go on after that."""

import json
from collections.abc import AsyncIterator

from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from console.web.faults import FAULTS, fault_sentence

__all__ = ["Event", "event", "live"]

Event = dict[str, str]


def event(name: str, data: object) -> Event:
    """Make an event of some data, as JSON."""
    return {"event": name, "data": json.dumps(data)}


def live(events: AsyncIterator[Event]) -> Response:
    """Send events until the browser leaves. After a fault it connects again by itself."""
    return EventSourceResponse(_surviving(events))


async def _surviving(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    try:
        async for one in events:
            yield one
    except FAULTS as error:
        yield event("status", {"kind": "broken", "text": f"Not now: {fault_sentence(error)}"})
