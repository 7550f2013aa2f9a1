"""Where pages of trades come from."""

from typing import Protocol

from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair

__all__ = ["TradesSource"]


class TradesSource(Protocol):
    """Whatever gives pages of trades as Kraken does."""

    def trades(self, pair: KrakenPair, since: str | None) -> TradesPage:
        """The page after the cursor; without one, the newest.

        Raises:
            KrakenError: There is none.
        """
