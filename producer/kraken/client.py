"""Calls Kraken's public REST API: paced, retried within bounds, every failure a KrakenError."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair


@dataclass(frozen=True, slots=True)
class KrakenClientSettings:
    """How to call Kraken. Times in seconds."""

    api_url: str = "https://api.kraken.com"
    exchange: str = "KRAKEN"
    call_interval: float = 1.0


class KrakenClient:
    """A connection to Kraken. Used from one thread, closed on leaving the `with` block."""

    def __init__(
        self, settings: KrakenClientSettings, transport: httpx.BaseTransport | None = None
    ) -> None:
        raise NotImplementedError

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

    def asset_pairs(self, names: Sequence[str]) -> list[KrakenPair]:
        """Fetches AssetPairs and resolves the names, see `pairs.resolve_pairs`."""
        raise NotImplementedError

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """Fetches one page of up to 1000 trades after the cursor; without one, the newest."""
        raise NotImplementedError

    def system_status(self) -> str:
        """Kraken's own word for its state: `online`, `maintenance`, ..."""
        raise NotImplementedError

    def server_time(self) -> datetime:
        """Kraken's clock, UTC, whole seconds."""
        raise NotImplementedError
