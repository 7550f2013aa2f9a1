"""A market of a venue, whatever the venue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self

from producer.model.venue_errors import UnknownPair

__all__ = ["CURRENCY", "Pair", "PairChoice"]

CURRENCY: Final = "currency"
"""The asset class of a pair whose base is a currency."""


class Pair(Protocol):
    """One market. Implementations are frozen, and equal where all their names are."""

    @property
    def key(self) -> str:
        """The venue's own name of it, which stays when other names change: `XXBTZUSD`."""

    @property
    def symbol(self) -> str:
        """What it is recorded as: `BTC/USD`."""

    @property
    def feed_name(self) -> str:
        """What the venue's live feed calls it, whatever it is recorded as."""

    @property
    def asset_class(self) -> str:
        """What its base is: `currency`, or the venue's name for another class."""

    def recorded_as(self, symbol: str) -> Self:
        """The same market under another symbol."""


@dataclass(frozen=True, slots=True)
class PairChoice:
    """The pairs that the names of the settings mean.

    Attributes:
        pairs: The pairs to record, under their symbols, by the symbol that each is expected to
            have from its name alone.
        unknown: Why a name means no pair, by the same.
    """

    pairs: Mapping[str, Pair]
    unknown: Mapping[str, UnknownPair]

    def require_any(self) -> None:
        """Refuse names of which none means a pair.

        Raises:
            UnknownPair: The first of them.
        """
        if not self.pairs and self.unknown:
            raise next(iter(self.unknown.values()))
