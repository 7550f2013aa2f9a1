"""What the producer's programs say about missing ids, as `kraken-lake verify` asks them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lake.verify.missing_id_reasons import KnownIds, ParkedPair
from lake.verify.producer_commands import (
    ask_dead_letters,
    ask_holes,
    ask_open_gaps,
    ask_parked,
)

__all__ = ["Reasons", "ask_reasons"]


@dataclass(frozen=True)
class Reasons:
    """Why ids are missing, and which pairs are not recorded for now."""

    known: KnownIds = field(default_factory=KnownIds)
    parked: Sequence[ParkedPair] = ()


def ask_reasons() -> Reasons:
    """Ask one program after the other: each takes a second of processor time.

    Raises:
        ReferenceUnavailable: One did not answer.
    """
    known = KnownIds(holes=ask_holes(), dead_letters=ask_dead_letters(), open_gaps=ask_open_gaps())
    return Reasons(known, ask_parked())
