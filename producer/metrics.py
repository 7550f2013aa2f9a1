"""What the parts of the producer report of their work. By default nobody keeps it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from producer.model.gaps.open_gap import OpenGap
from producer.model.page_update import PageUpdate
from producer.model.venue_errors import VenueError

__all__ = ["NO_METRICS", "ProducerMetrics"]


class ProducerMetrics:
    """Takes every report and keeps nothing: for a program without METRICS_PORT."""

    def expect(self, symbols: Iterable[str], feed: str) -> None:
        """Show these pairs from the start, with nothing recorded yet."""

    def written(self, update: PageUpdate) -> None:
        """Count what a committed transaction holds of a pair."""

    def transaction(self, seconds: float) -> None:
        """Count a committed transaction."""

    def transaction_failed(self) -> None:
        """Count a transaction that was not committed, or whose outcome is unknown."""

    def request(self, endpoint: str, seconds: float, error: VenueError | None = None) -> None:
        """Count a REST request, and its error if it had one."""

    def rate_limited(self, seconds: float) -> None:
        """Count a wait that Kraken's rate limit caused."""

    def connection_broken(self, error: VenueError) -> None:
        """Count a break of a WebSocket connection, which is then opened again."""

    def backfilled(self, symbol: str, share: float, reached: datetime | None) -> None:
        """Note how far a backfill has come with a pair: 0 to 1, and the time reached."""

    def follow_held(self, read: Callable[[], Mapping[str, int]]) -> None:
        """Read here how many trades of each pair are held."""

    def follow_gaps(self, read: Callable[[], Iterable[OpenGap]]) -> None:
        """Read the open gaps here."""

    def follow_parked(self, read: Callable[[], Iterable[str]]) -> None:
        """Read here which pairs are parked."""


NO_METRICS: Final = ProducerMetrics()
