"""Sends an answer, or what a fault makes of it."""

import asyncio

from aiohttp import web

from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.web.answers import wrong_answer


async def deliver(
    request: web.Request, answer: web.Response, fault: Fault | None
) -> web.StreamResponse:
    """Sends the right answer, a wrong one in its place, a late one or half of it.

    Args:
        request: Whose answer.
        answer: The right one, already without the trades that a fault takes out.
        fault: What goes wrong with this answer, if anything.
    """
    if fault is None:
        return answer
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    if fault.kind is FaultKind.CUT:
        return await _cut(request, answer)
    return wrong_answer(fault) or answer


async def _cut(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Promises the whole body, sends half of it and hangs up."""
    body = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
    half = web.StreamResponse(headers=answer.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
