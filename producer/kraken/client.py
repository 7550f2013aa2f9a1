"""Calls Kraken's public REST API: paced, retried within bounds, every failure a KrakenError."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx
import stamina
import structlog

from producer.kraken import transport as wire
from producer.kraken.candles import INTERVAL_MINUTES, Candle, read_candles
from producer.kraken.digits import read_integer
from producer.kraken.envelope import Envelope, open_envelope
from producer.kraken.errors import KrakenTransient, RateLimited
from producer.kraken.pacing import Pacer
from producer.kraken.page import PAGE_LIMIT, TradesPage
from producer.kraken.pairs import KrakenPair, read_pairs, select_pairs
from producer.kraken.parse import read_trades_page
from producer.kraken.settings import KrakenClientSettings

__all__ = ["KrakenClient", "KrakenClientSettings", "utc_now"]

T = TypeVar("T")


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class KrakenClient:
    """A connection to Kraken, kept open, closed at the `with` block's end.

    Threads may share it, each with a pair of its own.

    Every call waits for its turn and is repeated after a transient failure, bounded in number
    and in time; then the last KrakenTransient is raised. A KrakenTerminal is raised at once.

    Args:
        settings: How to call.
        transport: Stands in for the network in tests.
        pacer: Decides when a call may be made; hand in one with a `sleep` that a stop can end.
        now: The time that trades get as `ingested_at`.
    """

    def __init__(
        self,
        settings: KrakenClientSettings,
        transport: httpx.BaseTransport | None = None,
        *,
        pacer: Pacer | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._exchange = settings.exchange
        self._pacer = pacer or Pacer(settings.call_interval)
        self._now = now
        self._http = wire.open_http(settings, transport)
        self._retrying = stamina.RetryingCaller(
            attempts=settings.attempts,
            timeout=settings.retry_for,
            wait_initial=settings.retry_wait,
            wait_max=settings.retry_wait_most,
            wait_jitter=settings.retry_wait,
        ).on(KrakenTransient)

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
        """Closes the connection."""
        self._http.close()

    def asset_pairs(self, names: Sequence[str]) -> list[KrakenPair]:
        """Fetches all of Kraken's pairs and picks those asked for, see `pairs.resolve_pairs`.

        All, because a name that Kraken does not know can then be answered with close ones, and
        because a canonical name is none that Kraken could be asked for.
        """
        return self._call("AssetPairs", {}, lambda answer: select_pairs(read_pairs(answer), names))

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """Fetches one page of up to 1000 trades after the cursor; without one, the newest."""

        def read(answer: Envelope) -> TradesPage:
            return read_trades_page(
                answer, pair=pair, exchange=self._exchange, ingested_at=self._now()
            )

        params = {"pair": pair.rest_name, "count": str(PAGE_LIMIT)}
        if since is not None:
            params["since"] = since
        return self._call("Trades", params, read, pair=pair)

    def candles(self, pair: KrakenPair) -> list[Candle]:
        """Fetches what Kraken tells of the last twelve hours, minute by minute."""
        params = {"pair": pair.rest_name, "interval": str(INTERVAL_MINUTES)}
        return self._call("OHLC", params, lambda answer: read_candles(answer, pair=pair), pair=pair)

    def system_status(self) -> str:
        """Kraken's own word for its state: `online`, `maintenance`, `cancel_only`, `post_only`."""
        return self._call("SystemStatus", {}, _read_status)

    def server_time(self) -> datetime:
        """Kraken's clock, UTC, in whole seconds."""
        return self._call("Time", {}, _read_server_time)

    def _call(
        self,
        endpoint: str,
        params: Mapping[str, str],
        read: Callable[[Envelope], T],
        *,
        pair: KrakenPair | None = None,
    ) -> T:
        """Calls until an answer could be read, within the bounds of the settings."""
        asked = f"{endpoint} for {pair.rest_name}" if pair else endpoint
        return self._retrying(self._attempt, endpoint, params, read, asked)

    def _attempt(
        self, endpoint: str, params: Mapping[str, str], read: Callable[[Envelope], T], asked: str
    ) -> T:
        """Calls once, when it is this call's turn."""
        self._pacer.wait(asked)
        try:
            body = wire.get(self._http, f"/0/public/{endpoint}", params, asked=asked)
            envelope = open_envelope(body, asked=asked)
        except RateLimited as exc:
            wanted = exc.until - self._now().timestamp() if exc.until else 0.0
            held_back = self._pacer.rate_limited(asked_wait=wanted)
            structlog.get_logger().warning("kraken_rate_limited", asked=asked, seconds=held_back)
            raise
        if envelope.warnings:
            structlog.get_logger().warning("kraken_warns", asked=asked, messages=envelope.warnings)
        answer = read(envelope)
        self._pacer.succeeded()
        return answer


def _read_status(answer: Envelope) -> str:
    """Takes the state out of SystemStatus' answer."""
    status = answer.result.get("status")
    if not isinstance(status, str):
        raise answer.malformed("names no status")
    return status


def _read_server_time(answer: Envelope) -> datetime:
    """Takes the clock out of Time's answer."""
    try:
        return datetime.fromtimestamp(read_integer(answer.result.get("unixtime")), UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise answer.malformed("tells no unix time") from exc
