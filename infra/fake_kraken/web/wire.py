"""The sending side of one WebSocket connection, which applies the faults of frames."""

import asyncio
import struct
import time
from typing import Final

from aiohttp import web

from infra.fake_kraken.faults.fault_plan import FaultPlan
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.tape import TapePair
from infra.fake_kraken.web import frames

__all__ = ["Wire"]

_HEARTBEAT_SECONDS: Final = 1.0
_CUT_WITHOUT_A_WORD: Final = 1006
_TEXT_FRAME: Final = 0x81
_TWO_BYTE_LENGTH: Final = 126


class Wire:
    """Sends frames, changed by faults.

    Args:
        socket: The connection.
        request: The request that it began with.
        plan: What goes wrong.
    """

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, plan: FaultPlan
    ) -> None:
        self._socket = socket
        self._request = request
        self._plan = plan
        self._silent = False
        self._late: str | None = None
        self._maintained_until: float | None = None
        self._said_at = time.monotonic()
        self._writing = asyncio.Lock()

    async def say(self, frame: str) -> None:
        """Send a frame that only the fault `silence` affects."""
        if not self._silent and not self._socket.closed:
            async with self._writing:
                await self._socket.send_str(frame)
            self._said_at = time.monotonic()

    async def send_trades(self, frame: str, pair: TapePair) -> bool:
        """Send a frame of trades. Return whether it was sent, or will be after the next one."""
        if self._maintained_until is not None:
            return False
        fault = self._plan.next_frame_fault(pair)
        if fault is not None and not await self._survives(fault, frame):
            return self._late is frame
        await self.say(frame)
        if self._late is not None:
            late, self._late = self._late, None
            await self.say(late)
        return not self._silent

    async def _survives(self, fault: Fault, frame: str) -> bool:
        """Apply the fault, and return whether to send the frame after that."""
        match fault.kind:
            case FaultKind.DUPLICATE_FRAME:
                await self.say(frame)
                return True
            case FaultKind.REORDER_FRAMES:
                self._late = frame
            case FaultKind.SILENCE:
                self._silent = True
            case FaultKind.MAINTENANCE:
                await self.say(frames.status("maintenance"))
                self._maintained_until = time.monotonic() + fault.seconds
            case FaultKind.CLOSE:
                await self._close(fault.code)
            case FaultKind.HALF_FRAME:
                self._cut(frame)
        return False

    async def tick(self, *, subscribed: bool) -> None:
        """Send a heartbeat or the end of a maintenance, if it is time."""
        now = time.monotonic()
        if self._maintained_until is not None and now >= self._maintained_until:
            self._maintained_until = None
            await self.say(frames.status("online"))
        if subscribed and now >= self._said_at + _HEARTBEAT_SECONDS:
            await self.say(frames.HEARTBEAT)

    async def _close(self, code: int) -> None:
        if code == _CUT_WITHOUT_A_WORD:
            self._abort()
        else:
            await self._socket.close(code=code)

    def _cut(self, frame: str) -> None:
        """Announce the whole frame, send half of it and close the connection."""
        body = frame.encode()
        length = (
            bytes([len(body)])
            if len(body) < _TWO_BYTE_LENGTH
            else struct.pack("!BH", _TWO_BYTE_LENGTH, len(body))
        )
        if self._request.transport is not None:
            self._request.transport.write(bytes([_TEXT_FRAME]) + length + body[: len(body) // 2])
            self._request.transport.close()

    def _abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
