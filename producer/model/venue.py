"""Where trades come from, page by page and live."""

from collections.abc import Sequence
from typing import Protocol

from producer.model.feed_events import Arrival
from producer.model.page import TradesPage
from producer.model.pair import Pair

__all__ = ["LiveSource", "TradesSource"]


class TradesSource(Protocol):
    """Whatever gives pages of trades as Kraken does."""

    def trades(self, pair: Pair, since: str | None) -> TradesPage:
        """The page after the cursor; without one, the newest.

        Raises:
            VenueError: There is none.
        """


class LiveSource(Protocol):
    """Whatever hands on trades as they happen, as Kraken's feed does."""

    def take(self, most_trades: int) -> Sequence[Arrival]:
        """What has arrived, in order, without waiting; stops once it holds so many trades.

        Raises:
            VenueTerminal: Nothing will come any more.
        """

    def add(self, pair: Pair) -> None:
        """Take another pair's trades from now on, too."""

    def renew_subscription(self, pair: Pair) -> None:
        """End the pair's subscription and begins it anew."""

    def renew_connection(self, pair: Pair) -> None:
        """Make the connection anew that the pair's trades should come over."""

    @property
    def alive(self) -> bool:
        """Whether it has been heard of lately."""
