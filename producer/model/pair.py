"""A market of any venue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self

from producer.model.venue_errors import UnknownPair

__all__ = ["CURRENCY", "Pair", "PairChoice"]

CURRENCY: Final = "currency"
"""The asset class of a pair whose base is a currency."""


class Pair(Protocol):
    """One market. Implementations are frozen, and equal if all their names are."""

    @property
    def key(self) -> str:
        """The venue's own key for it, which stays when other names change: `XXBTZUSD`."""

    @property
    def symbol(self) -> str:
        """The symbol that it is recorded under: `BTC/USD`."""

    @property
    def feed_name(self) -> str:
        """The name that the venue's live feed uses, whatever it is recorded as."""

    @property
    def asset_class(self) -> str:
        """The class of its base: `currency`, or the venue's name for another class."""

    def recorded_as(self, symbol: str) -> Self:
        """Return the same market under another symbol."""


@dataclass(frozen=True, slots=True)
class PairChoice:
    """The pairs that the names of the settings mean.

    Attributes:
        pairs: The pairs to record. The key is the symbol that a pair's name alone suggests, which
            the pair's own symbol may differ from.
        unknown: Why a name means no pair, by the same key.
        by_rule: The venue's keys of the pairs that no name means, but that a rule brings.
    """

    pairs: Mapping[str, Pair]
    unknown: Mapping[str, UnknownPair]
    by_rule: frozenset[str] = frozenset()

    def require_any(self) -> None:
        """Require that at least one name means a pair.

        Raises:
            UnknownPair: No name does; the error of the first.
        """
        if not self.pairs and self.unknown:
            raise next(iter(self.unknown.values()))
