"""A page of a pair: from Kraken into Kafka."""

from collections.abc import Callable, Mapping

from producer.errors import KrakenStalled, PairParked
from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair
from producer.publication import Publication
from producer.publisher import Publisher
from producer.source import TradesSource

__all__ = ["Outcome", "Pager"]

Outcome = Publication | KrakenStalled | PairParked | None


def _whole(page: TradesPage) -> TradesPage:
    return page


class Pager:
    """Fetches and publishes the page that follows a pair's cursor.

    Args:
        kraken: Gives the pages.
        publisher: Writes them, and knows the cursors.
        cut: Takes from a page what is wanted; all of it unless given.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        cut: Callable[[TradesPage], TradesPage] = _whole,
    ) -> None:
        self._kraken = kraken
        self._publisher = publisher
        self._cut = cut

    def fetch(self, pair: KrakenPair) -> TradesPage:
        """The next page.

        Of the publisher it only reads what concerns this pair, so that another thread may
        publish other pairs meanwhile.

        Raises:
            KrakenError: There is none.
        """
        return self._cut(self._kraken.trades(pair, self._publisher.since(pair.symbol)))

    def publish(self, pair: KrakenPair, page: TradesPage) -> Publication | None:
        """Writes what is new in a page; None if nothing is.

        Raises:
            KrakenStalled: Nothing is, and asking again would give the same page.
            PairParked: The pair's ids begin anew.
            TerminalError: It could not be written.
        """
        outcome = self.publish_together({pair: page})[pair]
        if isinstance(outcome, KrakenStalled | PairParked):
            raise outcome
        return outcome

    def publish_together(self, pages: Mapping[KrakenPair, TradesPage]) -> dict[KrakenPair, Outcome]:
        """Writes what is new in pages, each of another pair, in one transaction.

        Returns:
            What was written, None if nothing in the page is new; or KrakenStalled if nothing is
            and asking again would give the same page.

        Raises:
            TerminalError: They could not be written.
        """
        parked: dict[str, PairParked] = {}
        publications = self._publisher.publish_together(
            {pair.symbol: page for pair, page in pages.items()}, parked
        )
        written = {publication.symbol: publication for publication in publications}
        return {
            pair: written.get(pair.symbol)
            or parked.get(pair.symbol)
            or _stall(pair, page, self._publisher.since(pair.symbol))
            for pair, page in pages.items()
        }


def _stall(pair: KrakenPair, page: TradesPage, since: str | None) -> KrakenStalled | None:
    """What it means that a page holds nothing new."""
    if not page.is_full or page.last != since:
        return None
    return KrakenStalled(
        f"a full page of {pair.rest_name} holds nothing new and gives the cursor it was asked "
        f"with ({page.last})"
    )
