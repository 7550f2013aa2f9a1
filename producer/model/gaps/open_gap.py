"""Missing trade ids that Kraken is still asked for."""

from collections.abc import Iterable
from datetime import datetime

from producer.model.gaps.missing_ids import KeyAndValue, MissingIds, newest_missing

__all__ = ["OpenGap", "newest_gaps"]


class OpenGap(MissingIds):
    """Consecutive trade ids that no feed has brought yet although later ones have come.

    It was written in the transaction that recorded the trades after it. It ends when any feed
    brings its trades, or becomes a `Hole`.

    Attributes:
        found_at: When it was detected, UTC.
    """

    found_at: datetime


def newest_gaps(records: Iterable[KeyAndValue]) -> list[OpenGap]:
    """Read the open gaps from a topic's records, by symbol and id.

    Raises:
        HoleUnusable: A value is no gap.
    """
    return newest_missing(records, OpenGap)
