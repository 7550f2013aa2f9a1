"""The pairs of the stand-in, their names, and pairs with unusual AssetPairs entries."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Self

from infra.fake_kraken.market.book import Book
from infra.fake_kraken.market.tape import Tape, TapePair
from producer.kraken.pairs import canonical_symbol

__all__ = ["CURRENCY", "TOKENIZED", "Listing", "RenamedTape", "tokenized", "twin", "without_wsname"]

CURRENCY: Final = "currency"
TOKENIZED: Final = "tokenized_asset"
"""The asset class of tokenized shares, which a call must name: as `aclass_base` for AssetPairs, as
`asset_class` for Trades and OHLC."""


class Listing:
    """The books, by name.

    Args:
        books: In AssetPairs' order.
    """

    def __init__(self, books: Iterable[Book]) -> None:
        self._books = [*books]
        # The books by their names on the WebSocket, and the list that they were found in.
        self._named: tuple[list[Book], dict[str, Book]] | None = None

    def add(self, book: Book) -> None:
        """List one more book from now on. This method may be called from another thread."""
        self._books = [*self._books, book]

    def all(self, asset_class: str | None, now: int) -> list[Book]:
        """Return the books of one asset class that are listed now."""
        return [
            book for book in self._settled(now) if _in(book, asset_class) and not book.delisted()
        ]

    def find(self, name: str, asset_class: str | None, now: int) -> Book | None:
        """Return the book of this name if it is listed now. An exact key takes precedence."""
        books = [book for book in self._settled(now) if _in(book, asset_class)]
        keyed = [book for book in books if book.pair.rest_name == name]
        found = keyed or [book for book in books if name in book.pair.names]
        return found[0] if found and not found[0].delisted() else None

    def subscribed(self, symbol: str, now: int) -> Book | None:
        """Return the listed book with this WebSocket symbol; the first if two share a wsname."""
        books = self._settled(now)
        if self._named is None:
            named = {
                canonical_symbol(book.pair.wsname): book
                for book in reversed(books)
                if book.pair.wsname
            }
            self._named = books, named
        book = self._named[1].get(symbol)
        return book if book is not None and not book.delisted() else None

    def _settled(self, now: int) -> list[Book]:
        books = self._books
        known = self._named is not None and self._named[0] is books
        if not known or any(book.has_new_faults for book in books[:1]):
            self._named = None  # a fault may have renamed a pair
            for book in books:
                book.settle(now)
        return books


@dataclass(frozen=True, slots=True)
class RenamedTape:
    """The trades of another tape under another pair's names. A `Tape`.

    Attributes:
        tape: The trades.
        pair: The names.
        synthetic: Always true: no such pair traded them.
    """

    tape: Tape
    pair: TapePair
    synthetic: bool = True

    @classmethod
    def of(cls, tape: Tape, base: str, quote: str) -> Self:
        """Return the trades as those of another pair: `AAPLx`, `USD`."""
        return cls(tape, tape.pair.renamed(base, quote))

    def visible(self, now: int) -> int:
        """Pass the call on to the other tape."""
        return self.tape.visible(now)

    def cursor(self, index: int) -> int:
        """Pass the call on to the other tape."""
        return self.tape.cursor(index)

    def first_after(self, cursor: int) -> int:
        """Pass the call on to the other tape."""
        return self.tape.first_after(cursor)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Pass the call on to the other tape."""
        return self.tape.rows(indexes)


def tokenized(tape: Tape, base: str = "AAPLx", quote: str = "USD") -> RenamedTape:
    """Return the trades as those of a tokenized share."""
    named = RenamedTape.of(tape, base, quote)
    return replace(named, pair=_with(named.pair, aclass_base=TOKENIZED))


def without_wsname(tape: Tape, key: str) -> RenamedTape:
    """Return the trades as those of a dark pool's pair: `XXBTZUSD.d`, which has no wsname."""
    entry = json.loads(tape.pair.entry)
    entry.pop("wsname", None)
    entry["altname"] = key
    return RenamedTape(tape, TapePair(key, key, "", json.dumps(entry)))


def twin(tape: Tape, key: str) -> RenamedTape:
    """Return the trades as those of a second key under the same altname and wsname."""
    return RenamedTape(tape, replace(tape.pair, rest_name=key))


def _with(pair: TapePair, **fields: str) -> TapePair:
    return replace(pair, entry=json.dumps(json.loads(pair.entry) | fields))


def _in(book: Book, asset_class: str | None) -> bool:
    return _class_of(book.pair.entry) == (asset_class or CURRENCY)


@lru_cache
def _class_of(entry: str) -> str:
    return str(json.loads(entry).get("aclass_base", CURRENCY))
