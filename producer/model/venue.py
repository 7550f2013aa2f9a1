"""What a venue must offer: trades page by page, and live."""

from collections.abc import Sequence
from typing import Protocol

from producer.model.feed_events import Arrival
from producer.model.page import TradesPage
from producer.model.pair import Pair

__all__ = ["LiveSource", "TradesSource"]


class TradesSource(Protocol):
    """A source of pages of trades, such as Kraken's REST API."""

    def trades(self, pair: Pair, since: str | None) -> TradesPage:
        """Fetch the page after the cursor; without a cursor, the newest.

        Raises:
            VenueError: The venue gave none.
        """


class LiveSource(Protocol):
    """A source of trades as they happen, such as Kraken's WebSocket."""

    def take(self, most_trades: int) -> Sequence[Arrival]:
        """Return what has arrived, in order, without waiting; stop after so many trades.

        Raises:
            VenueTerminal: The feed has ended.
        """

    def add(self, pair: Pair) -> None:
        """Subscribe to one more pair."""

    def remove(self, pairs: Sequence[Pair]) -> None:
        """End the subscriptions of these pairs. `add` begins one again."""

    def renew_subscription(self, pair: Pair) -> None:
        """End the pair's subscription and subscribe again."""

    def renew_connection(self, pair: Pair) -> None:
        """Replace the connection that carries the pair's trades."""

    @property
    def alive(self) -> bool:
        """Whether anything has come from it lately."""
