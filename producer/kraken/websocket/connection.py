"""One connection to Kraken's WebSocket v2: kept up, subscribed anew after every break."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NoReturn

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from producer.back_off import BackOff
from producer.kraken.errors import (
    KrakenError,
    KrakenTransient,
    RequestRefused,
    Unavailable,
    Unreachable,
)
from producer.kraken.pairs import KrakenPair
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.transport import user_agent
from producer.kraken.websocket.arrivals import Arrival, Broken, Subscribed
from producer.kraken.websocket.entries import read_trades
from producer.kraken.websocket.messages import Answer, Entries, SystemStatus, read_message
from producer.kraken.websocket.requests import PING, parts, subscribe
from producer.kraken.websocket.subscriptions import Subscriptions

__all__ = ["Connection"]

log = structlog.get_logger()

_ONLINE: Final = "online"
# Of all refusals before a connection stands, those that another try may not meet.
_PASSING: Final = frozenset({403, 408, 429})
_CLOSE_SECONDS: Final = 1.0


class Connection:
    """Keeps one connection up for as long as `run` runs.

    Args:
        pairs: What to subscribe to.
        settings: How.
        hand_over: Takes what arrives.
        now: The time that trades get as `ingested_at`.

    Attributes:
        heard_at: When the last frame came, on the monotonic clock; 0 while there is no
            connection.
    """

    def __init__(
        self,
        pairs: Sequence[KrakenPair],
        settings: KrakenFeedSettings,
        hand_over: Callable[[Arrival], None],
        now: Callable[[], datetime],
    ) -> None:
        self.heard_at = 0.0
        self._pairs = {pair.live_name: pair for pair in pairs}
        self._settings = settings
        self._hand_over = hand_over
        self._now = now
        self._back_off = BackOff(settings.first_wait, settings.longest_wait)
        self._subscriptions = Subscriptions(())
        self._system = _ONLINE

    async def run(self) -> NoReturn:
        """Connects, over and over.

        Raises:
            KrakenTerminal: Connecting again would change nothing.
        """
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except KrakenTransient as exc:
                if time.monotonic() - began >= self._settings.stable_after:
                    self._back_off.reset()
                wait = self._back_off.next_wait()
                log.warning(
                    "feed_broken",
                    error=str(exc),
                    pairs=len(self._pairs),
                    retry_in=round(wait, 1),
                )
            self.heard_at = 0.0
            self._hand_over(Broken(tuple(self._pairs.values())))
            await asyncio.sleep(wait)

    async def _session(self) -> NoReturn:
        """From one connect to its break."""
        try:
            async with connect(
                self._settings.url,
                user_agent_header=user_agent(),
                # Frames are short: unpacking them costs more than it saves.
                compression=None,
                open_timeout=self._settings.connect_within,
                close_timeout=_CLOSE_SECONDS,
                # Kraken's own heartbeats and pings tell more.
                ping_interval=None,
            ) as socket:
                await self._subscribe(socket)
                await self._listen(socket)
        except (OSError, WebSocketException) as exc:
            raise self._meaning_of(exc) from exc

    async def _subscribe(self, socket: ClientConnection) -> None:
        self._subscriptions, self._system = Subscriptions(self._pairs), _ONLINE
        for symbols in parts(tuple(self._pairs), self._settings.symbols_a_request):
            await socket.send(subscribe(symbols))

    async def _listen(self, socket: ClientConnection) -> NoReturn:
        answers_due = time.monotonic() + self._settings.answer_within
        while True:
            frame = await self._next_frame(socket)
            self.heard_at = time.monotonic()
            self._take(frame)
            if not self._subscriptions.complete and self.heard_at > answers_due:
                raise Unavailable(
                    "Kraken's WebSocket has not answered the subscription to "
                    f"{', '.join(self._subscriptions.unanswered)}"
                )

    async def _next_frame(self, socket: ClientConnection) -> str | bytes:
        """Waits for a frame; asks for a sign of life before it gives up."""
        half = self._settings.silence / 2
        try:
            async with asyncio.timeout(half):
                return await socket.recv()
        except TimeoutError:
            await socket.send(PING)
        try:
            async with asyncio.timeout(half):
                return await socket.recv()
        except TimeoutError as exc:
            raise Unreachable(
                f"Kraken's WebSocket kept silent for {self._settings.silence:g} s"
            ) from exc

    def _take(self, frame: str | bytes) -> None:
        match read_message(frame):
            case Entries() as entries:
                for arrival in read_trades(
                    entries,
                    self._pairs,
                    exchange=self._settings.exchange,
                    received_at=self._now(),
                ):
                    self._hand_over(arrival)
            case Answer() as answer:
                symbol = self._subscriptions.note(answer)
                if symbol is not None:
                    self._hand_over(Subscribed(self._pairs[symbol]))
            case SystemStatus(system):
                self._note_system(system)
            case _:
                pass

    def _note_system(self, system: str) -> None:
        """Tells of a change. Whether subscriptions outlive a maintenance, Kraken does not say."""
        before, self._system = self._system, system
        if system != _ONLINE:
            log.warning("kraken_system", status=system)
        elif before != _ONLINE:
            raise Unavailable(f"Kraken is online again after {before}, so all is subscribed anew")

    def _meaning_of(self, exc: Exception) -> KrakenError:
        url = self._settings.url
        if isinstance(exc, InvalidURI):
            return RequestRefused(f"{url!r} is no URL ({exc}); check KRAKEN_WEBSOCKET_URL")
        if isinstance(exc, InvalidStatus):
            status = exc.response.status_code
            if status < 500 and status not in _PASSING:  # noqa: PLR2004  HTTP's own border
                return RequestRefused(
                    f"{url} answered with HTTP {status}; check that KRAKEN_WEBSOCKET_URL is "
                    "Kraken's address"
                )
        if isinstance(exc, ConnectionClosed):
            return Unreachable(f"the connection to {url} has ended ({exc})")
        return Unreachable(f"no connection to {url} ({type(exc).__name__}: {exc})")
