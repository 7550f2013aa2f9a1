"""Keep one connection to Kraken's WebSocket v2 open; subscribe again after every break."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, NoReturn

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from producer.kraken.rest.transport import user_agent
from producer.kraken.settings import KrakenFeedSettings
from producer.kraken.websocket.entries import read_trades
from producer.kraken.websocket.failures import meaning_of
from producer.kraken.websocket.messages import (
    Answer,
    Entries,
    SystemStatus,
    Unsubscribed,
    read_message,
)
from producer.kraken.websocket.requests import PING, PacedRequests, subscribe, unsubscribe
from producer.kraken.websocket.subscriptions import Ended, Noted, Refusal, Started, Subscriptions
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.feed_events import Arrival, Broken, Subscribed
from producer.model.pair import Pair
from producer.model.venue_errors import (
    AccessDenied,
    Unavailable,
    Unreachable,
    VenueTransient,
)
from runtime.back_off import BackOff

__all__ = ["Connection"]

log = structlog.get_logger()

_ONLINE: Final = "online"
_CLOSE_SECONDS: Final = 1.0


class Connection:
    """Keeps one connection open for as long as `run` runs.

    Args:
        pairs: The pairs to subscribe to.
        settings: Limits and waits.
        hand_over: Called with each arrival.
        now: The time for `ingested_at` of trades.
        metrics: Takes each break.

    Attributes:
        heard_at: When the last frame came, on the monotonic clock; 0 without a connection.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        settings: KrakenFeedSettings,
        hand_over: Callable[[Arrival], None],
        now: Callable[[], datetime],
        metrics: ProducerMetrics = NO_METRICS,
    ) -> None:
        self._metrics = metrics
        self.heard_at = 0.0
        self._pairs = {pair.feed_name: pair for pair in pairs}
        self._settings = settings
        self._hand_over = hand_over
        self._now = now
        self._back_off = BackOff(settings.first_wait, settings.longest_wait)
        self._denied = BackOff(settings.denied_wait, settings.longest_denied_wait)
        self._subscriptions = Subscriptions(self._pairs, settings.answer_within)
        self._system = _ONLINE
        self._socket: ClientConnection | None = None
        self._renewal: str | None = None
        self._connected_before = False
        self._requests = PacedRequests(settings.symbols_a_request, settings.request_interval)

    @property
    def has_room(self) -> bool:
        """Whether another pair may be added."""
        return len(self._pairs) < self._settings.symbols_a_connection

    def holds(self, pair: Pair) -> bool:
        """Whether this connection carries the pair."""
        return pair.feed_name in self._pairs

    def add(self, pair: Pair) -> None:
        """Subscribe to one more pair."""
        self._pairs[pair.feed_name] = pair
        self._subscriptions.add(pair.feed_name)

    async def remove(self, pairs: Sequence[Pair]) -> None:
        """End the subscriptions of these pairs."""
        names = [pair.feed_name for pair in pairs]
        for name in names:
            self._pairs.pop(name, None)
            self._subscriptions.remove(name)
        self._hand_over(Broken(tuple(pairs)))
        if self._socket is not None:
            with suppress(WebSocketException):  # it has broken, and with it the subscriptions
                await self._requests.send(self._socket, unsubscribe, names)

    async def renew_subscription(self, pair: Pair) -> None:
        """End the pair's subscription and subscribe again, if there is a connection."""
        if self._socket is not None:
            self._subscriptions.leave(pair.feed_name, time.monotonic())
            with suppress(WebSocketException):  # it has broken: all pairs are subscribed to again
                await self._requests.send(self._socket, unsubscribe, [pair.feed_name])
                await self._ask(self._socket)

    async def renew(self, why: str) -> None:
        """End the connection, so that a new one is opened; the log says why."""
        if self._socket is not None:
            self._renewal = why
            await self._socket.close()

    async def run(self, after: float = 0.0) -> NoReturn:
        """Connect after so many seconds, and connect again after every break.

        Raises:
            VenueTerminal: Connecting again would change nothing.
        """
        await asyncio.sleep(after)
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except VenueTransient as error:
                self._metrics.connection_broken(error)
                if time.monotonic() - began >= self._settings.stable_after:
                    self._back_off.reset()
                    self._denied.reset()
                denied = isinstance(error, AccessDenied)
                wait = (self._denied if denied else self._back_off).next_wait()
                level = log.error if denied else log.warning
                level(
                    "feed_broken",
                    error=str(error),
                    pairs=len(self._pairs),
                    retry_in=round(wait, 1),
                )
            self.heard_at = 0.0
            self._hand_over(Broken(tuple(self._pairs.values())))
            await asyncio.sleep(wait)

    async def _session(self) -> NoReturn:
        """Connect, and listen until the connection breaks."""
        try:
            async with connect(
                self._settings.url,
                user_agent_header=user_agent(),
                # Frames are short: decompressing them costs more than it saves.
                compression=None,
                open_timeout=self._settings.connect_within,
                close_timeout=_CLOSE_SECONDS,
                # Kraken's heartbeats and answers to its own ping show more.
                ping_interval=None,
            ) as socket:
                self._socket, self._connected_before = socket, True
                await self._listen(socket)
        except (OSError, WebSocketException) as error:
            renewal, self._renewal = self._renewal, None
            if renewal is not None:
                raise Unavailable(renewal) from error
            before = self._connected_before
            raise meaning_of(error, self._settings.url, connected_before=before) from error
        finally:
            self._socket = None

    async def _listen(self, socket: ClientConnection) -> NoReturn:
        self._system = _ONLINE
        self._subscriptions.begin(time.monotonic())
        while True:
            await self._ask(socket)
            frame = await self._next_frame(socket)
            self.heard_at = time.monotonic()
            self._take(frame)
            for refusal in self._subscriptions.overdue(self.heard_at):
                self._note_subscription(refusal)

    async def _ask(self, socket: ClientConnection) -> None:
        """Subscribe to the symbols that are due."""
        due = self._subscriptions.take_due(time.monotonic())
        await self._requests.send(socket, subscribe, due)

    async def _next_frame(self, socket: ClientConnection) -> str | bytes:
        """Wait for a frame; send a ping before giving up."""
        half = self._settings.silence / 2
        try:
            async with asyncio.timeout(half):
                return await socket.recv()
        except TimeoutError:
            await socket.send(PING)
        try:
            async with asyncio.timeout(half):
                return await socket.recv()
        except TimeoutError as error:
            raise Unreachable(
                f"Kraken's WebSocket kept silent for {self._settings.silence:g} s"
            ) from error

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
            case Answer() | Unsubscribed() as message:
                self._note_subscription(self._subscriptions.note(message, time.monotonic()))
            case SystemStatus(system):
                self._note_system(system)
            case _:
                pass

    def _note_subscription(self, noted: Noted) -> None:
        """Hand over the change of a subscription. Without one, REST takes over the pair."""
        match noted:
            case Started(symbol):
                self._hand_over(Subscribed(self._pairs[symbol]))
            case Ended(symbol):
                log.warning("subscription_ended", symbol=symbol, by="Kraken")
                self._hand_over(Broken((self._pairs[symbol],)))
            case Refusal(symbol, reason, retry_in):
                log.error(
                    "subscription_refused",
                    symbol=symbol,
                    reason=reason,
                    advice="REST is asked instead, every few seconds",
                    retry_in=round(retry_in, 1),
                )
                self._hand_over(Broken((self._pairs[symbol],)))

    def _note_system(self, system: str) -> None:
        """Log a change. Kraken does not say whether subscriptions survive a maintenance."""
        before, self._system = self._system, system
        if system != _ONLINE:
            log.warning("kraken_system", status=system)
        elif before != _ONLINE:
            raise Unavailable(f"Kraken is online again after {before}; subscribing again")
