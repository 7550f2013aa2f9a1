"""Fetch a page of a pair from Kraken and publish it in Kafka."""

from collections.abc import Callable, Mapping

from producer.errors import PairParked, VenueStalled
from producer.kafka.publisher import Publisher
from producer.model.page import TradesPage
from producer.model.page_update import PageUpdate
from producer.model.pair import Pair
from producer.model.venue import TradesSource

__all__ = ["Outcome", "PageFetcher"]

Outcome = PageUpdate | VenueStalled | PairParked | None


def _whole(page: TradesPage) -> TradesPage:
    return page


class PageFetcher:
    """Fetches and publishes the page that follows a pair's cursor.

    Args:
        kraken: Gives the pages.
        publisher: Writes them, and knows the cursors.
        cut: Takes from a page what is wanted; by default all of it.
    """

    def __init__(
        self,
        kraken: TradesSource,
        publisher: Publisher,
        cut: Callable[[TradesPage], TradesPage] = _whole,
    ) -> None:
        self._kraken = kraken
        self._publisher = publisher
        self._positions = publisher.positions
        self._cut = cut

    def fetch(self, pair: Pair) -> TradesPage:
        """Fetch the next page.

        It reads only this pair's state from the publisher, so another thread may publish other
        pairs meanwhile.

        Raises:
            VenueError: Kraken gave none.
        """
        return self._cut(self._kraken.trades(pair, self._positions.since(pair.symbol)))

    def publish(self, pair: Pair, page: TradesPage) -> PageUpdate | None:
        """Write what is new in a page; None if nothing is.

        Raises:
            VenueStalled: Nothing is new, and asking again would give the same page.
            PairParked: The pair's ids start again.
            TerminalError, KafkaUnreachable: It could not be written.
        """
        outcome = self.publish_together({pair: page})[pair]
        if isinstance(outcome, VenueStalled | PairParked):
            raise outcome
        return outcome

    def publish_together(self, pages: Mapping[Pair, TradesPage]) -> dict[Pair, Outcome]:
        """Write what is new in pages of several pairs, one per pair, in one transaction.

        Returns:
            For each pair what was written, or None if nothing in its page is new; VenueStalled if
            moreover asking again would give the same page; PairParked if its ids start again.

        Raises:
            TerminalError, KafkaUnreachable: They could not be written.
        """
        parked: dict[str, PairParked] = {}
        publications = self._publisher.publish_together(
            {pair.symbol: page for pair, page in pages.items()}, parked
        )
        written = {publication.symbol: publication for publication in publications}
        return {
            pair: written.get(pair.symbol)
            or parked.get(pair.symbol)
            or _stall(pair, page, self._positions.since(pair.symbol))
            for pair, page in pages.items()
        }


def _stall(pair: Pair, page: TradesPage, since: str | None) -> VenueStalled | None:
    """Return the error if a page without anything new means that the pair cannot go on."""
    if not page.is_full or page.last != since:
        return None
    return VenueStalled(
        f"a full page of {pair.key} holds nothing new and returns the cursor of the request "
        f"({page.last})"
    )
