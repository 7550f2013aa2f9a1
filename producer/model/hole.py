"""Trade ids that the exchange itself does not have."""

from collections.abc import Iterable
from datetime import datetime

from producer.model.missing_ids import KeyAndValue, MissingIds, newest_missing

__all__ = ["Hole", "newest_holes"]


class Hole(MissingIds):
    """Consecutive trade ids that Kraken, asked again and again, did not have.

    With it, a lake that lacks these ids is complete; without it, they may have been lost. A hole
    is asked for again later (`producer.model.gap_schedule`), and revoked if it fills.

    Attributes:
        confirmed_at: When the last question before it was answered, UTC.
    """

    confirmed_at: datetime

    @property
    def is_of_the_old_rule(self) -> bool:
        """Whether it was confirmed by two questions within seconds, as records once were."""
        return not self.near and not self.asked


def newest_holes(records: Iterable[KeyAndValue]) -> list[Hole]:
    """The holes in a topic's records, by symbol and id.

    Raises:
        HoleUnusable: A value is no hole.
    """
    return newest_missing(records, Hole)
