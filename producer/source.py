"""Where trades come from, page by page and live."""

from collections.abc import Sequence
from typing import Protocol

from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair
from producer.kraken.websocket.arrivals import Arrival

__all__ = ["LiveSource", "TradesSource"]


class TradesSource(Protocol):
    """Whatever gives pages of trades as Kraken does."""

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """The page after the cursor; without one, the newest.

        Raises:
            KrakenError: There is none.
        """


class LiveSource(Protocol):
    """Whatever hands on trades as they happen, as Kraken's feed does."""

    def take(self, most_trades: int) -> Sequence[Arrival]:
        """What has arrived, in order, without waiting; stops once it holds so many trades.

        Raises:
            KrakenTerminal: Nothing will come any more.
        """

    def add(self, pair: KrakenPair) -> None:
        """Takes another pair's trades from now on, too."""

    def renew_subscription(self, pair: KrakenPair) -> None:
        """Ends the pair's subscription and begins it anew."""

    def renew_connection(self, pair: KrakenPair) -> None:
        """Makes the connection anew that the pair's trades should come over."""

    @property
    def alive(self) -> bool:
        """Whether it has been heard of lately."""
