"""The ground truth for tests: every trade that any endpoint showed."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final, cast

from infra.fake_kraken.market.book import Book
from producer.kraken.json_text import read_json

__all__ = ["Shown", "ShownTrade"]

_MICROSECONDS: Final = 10**6
_FIELDS: Final = 7


@dataclass(frozen=True, slots=True)
class ShownTrade:
    """A trade as it was first shown.

    Attributes:
        symbol: The wsname that its pair had then.
        epoch: How often the ids of its book had started again.
        trade_id: Its id.
        price: The exact price.
        volume: The exact volume.
        micros: Its time in unix microseconds, truncated.
        readable: Whether it fits the schema; other trades belong in the dead letters.
    """

    symbol: str
    epoch: int
    trade_id: int
    price: Decimal
    volume: Decimal
    micros: int
    readable: bool


class Shown:
    """The shown trades, by the pair's key and the trade's number on the tape."""

    def __init__(self) -> None:
        self._trades: dict[str, dict[int, ShownTrade]] = {}

    def trades(self, rest_name: str) -> list[ShownTrade]:
        """Return a pair's trades, in the tape's order."""
        return [trade for _, trade in sorted(self._trades.get(rest_name, {}).items())]

    def note(self, book: Book, numbers: Iterable[int]) -> None:
        """Store the trades that are shown now."""
        known = self._trades.setdefault(book.pair.rest_name, {})
        new = [number for number in numbers if number not in known]
        for number, row in zip(new, book.rows(new), strict=True):
            known[number] = _trade(book, number, row)


def _trade(book: Book, number: int, row: str) -> ShownTrade:
    fields = [str(value) for value in cast("list[object]", read_json(row))]
    price, volume, time, *_, trade_id = fields[:_FIELDS]
    micros = (Decimal(time) * _MICROSECONDS).to_integral_value(ROUND_FLOOR)
    return ShownTrade(
        symbol=book.pair.wsname,
        epoch=book.epoch(number),
        trade_id=int(trade_id),
        price=Decimal(price),
        volume=Decimal(volume),
        micros=int(micros),
        readable=number not in book.unreadable,
    )
