"""A tape: one pair's trades in order, each with a nanosecond cursor as Kraken has it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

__all__ = ["Tape", "TapePair"]


@dataclass(frozen=True, slots=True)
class TapePair:
    """One pair as AssetPairs describes it.

    Attributes:
        rest_name: Its key in AssetPairs and in a Trades answer.
        altname: The second name that Kraken accepts in a request.
        wsname: The third one; empty if the pair has none.
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
        """Return the same pair with two other currencies: `SYN1`, `USDT`."""
        name, wsname = f"{base}{quote}", f"{base}/{quote}"
        names = {"altname": name, "wsname": wsname, "base": base, "quote": quote}
        return type(self)(name, name, wsname, json.dumps(json.loads(self.entry) | names))


class Tape(Protocol):
    """One pair's trades, numbered from 0 in the order of their ids.

    Cursors increase strictly, although many trades share a timestamp. So a page that ends between
    two of them loses none.
    """

    @property
    def pair(self) -> TapePair:
        """The pair that traded."""
        ...

    @property
    def synthetic(self) -> bool:
        """Whether any part of the trades is synthetic."""
        ...

    def visible(self, now: int) -> int:
        """Return how many trades have happened by `now`, unix nanoseconds."""
        ...

    def cursor(self, index: int) -> int:
        """Return the trade's own nanosecond, which is the `last` of a page that ends with it."""
        ...

    def first_after(self, cursor: int) -> int:
        """Return the number of the first trade after the cursor."""
        ...

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Return the JSON text of the trades' rows."""
        ...
