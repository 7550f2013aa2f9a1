"""Trade ids that the exchange itself does not have."""

from collections.abc import Iterable
from datetime import datetime

from producer.model.gaps.missing_ids import KeyAndValue, MissingIds, newest_missing

__all__ = ["Hole", "newest_holes"]


class Hole(MissingIds):
    """Consecutive trade ids that Kraken did not have each time it was asked.

    It shows that a lake without these ids is complete; otherwise they may have been lost. A hole is
    asked for again later, see `gap_schedule`, and revoked if Kraken then has the ids.

    Attributes:
        confirmed_at: When the question that confirmed it was answered, UTC.
    """

    confirmed_at: datetime

    @property
    def is_of_the_old_rule(self) -> bool:
        """Whether it was confirmed by two questions within seconds, as in earlier versions."""
        return not self.near and not self.asked


def newest_holes(records: Iterable[KeyAndValue]) -> list[Hole]:
    """Read the holes from a topic's records, by symbol and id.

    Raises:
        HoleUnusable: A value is no hole.
    """
    return newest_missing(records, Hole)
