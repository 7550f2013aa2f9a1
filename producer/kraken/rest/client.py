"""Call Kraken's public REST API: paced, retried within bounds, every failure a VenueError."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx
import stamina
import structlog

from producer.kraken.pairs import TOKENIZED
from producer.kraken.rest import transport as wire
from producer.kraken.rest.candles import INTERVAL_MINUTES, Candle, read_candles
from producer.kraken.rest.envelope import Envelope, open_envelope
from producer.kraken.rest.listing import Found, Listing, read_listing
from producer.kraken.rest.pacing import Pacer
from producer.kraken.rest.parse import read_trades_page
from producer.kraken.settings import KrakenClientSettings
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.page import PAGE_LIMIT, TradesPage
from producer.model.pair import CURRENCY, Pair
from producer.model.venue_errors import (
    AccessDenied,
    AddressRefused,
    PairRefused,
    RateLimited,
    RequestRefused,
    VenueError,
    VenueTransient,
)
from runtime.clock import utc_now

__all__ = ["KrakenClient", "KrakenClientSettings"]

T = TypeVar("T")


class KrakenClient:
    """A connection to Kraken that stays open until the end of the `with` block.

    Threads may share it, each with its own pair.

    Every call waits for its turn and is repeated after a transient failure, bounded in number
    and in time; then the last VenueTransient is raised. A VenueTerminal is raised at once.

    Args:
        settings: How to call.
        transport: Replaces the network in tests.
        pacer: Decides when a call may be made; pass one whose `sleep` a stop can end.
        now: The time for `ingested_at` of trades.
        metrics: Takes each request and its error.
    """

    def __init__(
        self,
        settings: KrakenClientSettings,
        transport: httpx.BaseTransport | None = None,
        *,
        pacer: Pacer | None = None,
        now: Callable[[], datetime] = utc_now,
        metrics: ProducerMetrics = NO_METRICS,
    ) -> None:
        self._metrics = metrics
        self._exchange = settings.exchange
        self._pacer = pacer or Pacer(settings.call_interval)
        self._now = now
        self._http = wire.open_http(settings, transport)
        self._answered = self._refusal_logged = False
        self._retrying = stamina.RetryingCaller(
            attempts=settings.attempts,
            timeout=settings.retry_for,
            wait_initial=settings.retry_wait,
            wait_max=settings.retry_wait_most,
            wait_jitter=settings.retry_wait,
        ).on(VenueTransient)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def find_pairs(self, names: Sequence[str]) -> list[Found]:
        """Find each name among all of Kraken's pairs, see `listing.Listing.find`.

        It requests all pairs, so that it can suggest close names for an unknown one, and because
        Kraken does not accept canonical names. Tokenized assets are listed separately (Kraken's
        changelog of August 2025), and requested only if a name is not found otherwise.

        Raises:
            PairRepeated: Two names mean the same pair.
            VenueError: There is no answer.
        """
        listing = self._call("AssetPairs", {}, read_listing)
        if not all(listing.knows(name) for name in names):
            listing += self._tokenized_pairs()
        return listing.find(names)

    def list_pairs(self) -> Listing:
        """List all of Kraken's pairs, tokenized assets included.

        Raises:
            VenueError: There is no answer.
        """
        return self._call("AssetPairs", {}, read_listing) + self._tokenized_pairs()

    def _tokenized_pairs(self) -> Listing:
        try:
            return self._call("AssetPairs", {"aclass_base": TOKENIZED}, read_listing, of=TOKENIZED)
        except RequestRefused as error:
            if not self._refusal_logged:
                self._refusal_logged = True
                structlog.get_logger().warning("kraken_lists_no_tokenized_assets", error=str(error))
            return Listing((), refused=frozenset({TOKENIZED}))

    def trades(self, pair: Pair, since: str | None) -> TradesPage:
        """Fetch one page of up to 1000 trades after the cursor; without a cursor, the newest."""

        def read(answer: Envelope) -> TradesPage:
            return read_trades_page(
                answer, pair=pair, exchange=self._exchange, ingested_at=self._now()
            )

        params = {"count": str(PAGE_LIMIT), **_about(pair)}
        if since is not None:
            params["since"] = since
        return self._call("Trades", params, read, pair=pair)

    def candles(self, pair: Pair) -> list[Candle]:
        """Fetch Kraken's candles of the last twelve hours, one per minute."""
        params = {"interval": str(INTERVAL_MINUTES), **_about(pair)}
        return self._call("OHLC", params, lambda answer: read_candles(answer, pair=pair), pair=pair)

    def system_status(self) -> str:
        """Fetch Kraken's state: `online`, `maintenance`, `cancel_only` or `post_only`."""
        return self._call("SystemStatus", {}, _read_status)

    def _call(
        self,
        endpoint: str,
        params: Mapping[str, str],
        read: Callable[[Envelope], T],
        *,
        pair: Pair | None = None,
        of: str = "",
    ) -> T:
        """Call until an answer could be read, within the bounds of the settings."""
        subject = pair.key if pair else of
        asked = f"{endpoint} for {subject}" if subject else endpoint
        try:
            return self._retrying(self._attempt, endpoint, params, read, asked)
        except RequestRefused as error:
            if pair is None or isinstance(error, AddressRefused):
                raise
            raise PairRefused(str(error)) from error

    def _attempt(
        self, endpoint: str, params: Mapping[str, str], read: Callable[[Envelope], T], asked: str
    ) -> T:
        """Call once, when it is this call's turn."""
        self._pacer.wait(asked)
        began = time.monotonic()
        try:
            envelope = open_envelope(self._get(endpoint, params, asked), asked=asked)
            if warnings := envelope.warnings:
                structlog.get_logger().warning("kraken_warns", asked=asked, messages=warnings)
            answer = read(envelope)
        except VenueError as error:
            self._metrics.request(endpoint, time.monotonic() - began, error)
            if isinstance(error, RateLimited):
                self._hold_back(error, asked)
            raise
        self._metrics.request(endpoint, time.monotonic() - began)
        self._answered = True
        self._pacer.succeeded()
        return answer

    def _hold_back(self, error: RateLimited, asked: str) -> None:
        wanted = error.until - self._now().timestamp() if error.until else 0.0
        if added := self._pacer.rate_limited(asked_wait=wanted):
            self._metrics.rate_limited(added)
            structlog.get_logger().warning("kraken_rate_limited", asked=asked, seconds=added)

    def _get(self, endpoint: str, params: Mapping[str, str], asked: str) -> bytes:
        """Fetch an answer's body. If an earlier call was answered, the address must be right."""
        try:
            return wire.get(self._http, f"/0/public/{endpoint}", params, asked=asked)
        except AddressRefused as error:
            if not self._answered:
                raise
            raise AccessDenied(
                f"{error}; it answered before, so this is expected to pass"
            ) from error


def _about(pair: Pair) -> dict[str, str]:
    """Return the parameters that name a pair.

    An asset class other than currency has to be named: AssetPairs takes it as `aclass_base`, OHLC
    and Trades are documented with `asset_class`, and both names have been in use for them. An
    endpoint ignores a parameter that it does not know.
    """
    if pair.asset_class == CURRENCY:
        return {"pair": pair.key}
    return {
        "pair": pair.key,
        "aclass_base": pair.asset_class,
        "asset_class": pair.asset_class,
    }


def _read_status(answer: Envelope) -> str:
    """Read the state from SystemStatus' answer."""
    status = answer.result.get("status")
    if not isinstance(status, str):
        raise answer.malformed("names no status")
    return status
