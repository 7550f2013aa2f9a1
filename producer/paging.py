"""A page of a pair: from Kraken, its gaps settled, into Kafka."""

from collections.abc import Callable, Mapping

from producer.errors import KrakenStalled
from producer.gaps import Settled, settle_gaps
from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair
from producer.publisher import Publisher
from producer.selection import Publication
from producer.source import TradesSource

__all__ = ["Outcome", "Pager"]

Outcome = Publication | KrakenStalled | None


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

    def fetch(self, pair: KrakenPair) -> Settled:
        """The next page, asked for again where ids are missing.

        Of the publisher it only reads what concerns this pair, so that another thread may
        publish other pairs meanwhile.

        Raises:
            KrakenError: There is none.
        """
        since = self._publisher.since(pair.symbol)
        page = self._cut(self._kraken.trades(pair, since))
        return settle_gaps(
            self._kraken, pair, since, page, lambda page: self._publisher.gaps(pair.symbol, page)
        )

    def publish(self, pair: KrakenPair, settled: Settled) -> Publication | None:
        """Writes what is new in a page; None if nothing is.

        Raises:
            KrakenStalled: Nothing is, and asking again would give the same page.
            TerminalError: It could not be written.
        """
        outcome = self.publish_together({pair: settled})[pair]
        if isinstance(outcome, KrakenStalled):
            raise outcome
        return outcome

    def publish_together(self, pages: Mapping[KrakenPair, Settled]) -> dict[KrakenPair, Outcome]:
        """Writes what is new in pages, each of another pair, in one transaction.

        Returns:
            What was written, None if nothing in the page is new; or KrakenStalled if nothing is
            and asking again would give the same page.

        Raises:
            TerminalError: They could not be written.
        """
        publications = self._publisher.publish_together(
            {pair.symbol: settled.page for pair, settled in pages.items()},
            {pair.symbol: settled.confirmed for pair, settled in pages.items()},
        )
        written = {publication.cursor.symbol: publication for publication in publications}
        return {
            pair: written.get(pair.symbol) or _stall(pair, settled.page)
            for pair, settled in pages.items()
        }


def _stall(pair: KrakenPair, page: TradesPage) -> KrakenStalled | None:
    """What it means that a page holds nothing new."""
    if not page.is_full:
        return None
    return KrakenStalled(
        f"a full page of {pair.rest_name} holds nothing new and gives the cursor it was asked "
        f"with ({page.last})"
    )
