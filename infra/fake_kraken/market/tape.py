"""A tape: one pair's trades in order, each with Kraken's nanosecond cursor."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

__all__ = ["Tape", "TapePair"]


@dataclass(frozen=True, slots=True)
class TapePair:
    """One pair as AssetPairs tells of it.

    Attributes:
        rest_name: AssetPairs' key, and the key of a Trades answer.
        altname: The second name that Kraken takes in a request.
        wsname: The third; empty where the pair has none.
        entry: The JSON text of the pair's entry.
    """

    rest_name: str
    altname: str
    wsname: str
    entry: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a request may use."""
        return tuple(name for name in (self.rest_name, self.altname, self.wsname) if name)

    def renamed(self, base: str, quote: str) -> Self:
        """Return the same pair of two other currencies: `SYN1`, `USDT`."""
        name, wsname = f"{base}{quote}", f"{base}/{quote}"
        names = {"altname": name, "wsname": wsname, "base": base, "quote": quote}
        return type(self)(name, name, wsname, json.dumps(json.loads(self.entry) | names))


class Tape(Protocol):
    """One pair's trades, numbered from 0 in the order of their ids.

    Cursors rise strictly from trade to trade, although many share a timestamp: a page that ends
    between two of them loses none.
    """

    @property
    def pair(self) -> TapePair:
        """Whose trades these are."""
        ...

    @property
    def synthetic(self) -> bool:
        """Whether anything in the trades is made up."""
        ...

    def visible(self, now: int) -> int:
        """Return how many trades have happened by `now`, unix nanoseconds."""
        ...

    def cursor(self, index: int) -> int:
        """Return the trade's own nanosecond; a page that ends with it has this as `last`."""
        ...

    def first_after(self, cursor: int) -> int:
        """Return the number of the first trade behind the cursor."""
        ...

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Return the JSON text of the trades' rows."""
        ...
