"""Sends an answer, changed by a fault if there is one."""

import asyncio

from aiohttp import web

from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.web.answers import wrong_answer

__all__ = ["deliver"]


async def deliver(
    request: web.Request, answer: web.Response, fault: Fault | None
) -> web.StreamResponse:
    """Send the right answer, a wrong one instead, a late one or half of it.

    Args:
        request: The request to answer.
        answer: The right answer, already without the trades that a fault removes.
        fault: The fault that spoils this answer, if any.
    """
    if fault is None:
        return answer
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    if fault.kind is FaultKind.CUT:
        return await _cut(request, answer)
    return wrong_answer(fault) or answer


async def _cut(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Announce the whole body, send half of it and close the connection."""
    body = bytes(answer.body) if isinstance(answer.body, bytes | bytearray) else b""
    half = web.StreamResponse(headers=answer.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
