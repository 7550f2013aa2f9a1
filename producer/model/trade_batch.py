"""Many trades, stored column by column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Self, overload

from msgspec.structs import astuple

from producer.model.trade import FIRST_MICROS, LARGEST_LONG, LAST_MICROS, UNITS_END, Trade
from schemas.avro.encoding import Column, Columns

__all__ = ["TradeBatch"]

_AT: Final = {name: at for at, name in enumerate(Trade.__struct_fields__)}


class TradeBatch(Sequence[Trade]):
    """A sequence of trades, stored column by column. A `Trade` is made only on access.

    So a page is read, selected from and encoded without making a thousand objects, which took as
    long as reading it did. `Trade` documents the fields.

    Args:
        columns: For each field of a trade, in field order, the values of all trades. They must
            have been checked: `checked` does that, and `of` takes existing trades.

    Attributes:
        columns: The same.
    """

    __slots__ = ("columns",)
    __hash__ = None  # type: ignore[assignment]  # as lists, which it holds

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    @classmethod
    def checked(cls, columns: Columns) -> Self:
        """Check columns as `Trade` checks its fields, and return the trades.

        Raises:
            ValueError: One of them is no trade. Make each a `Trade` to learn which one and why.
        """
        trades = cls(columns)
        if trades and not all(trades._pass()):
            raise ValueError("not all of them are trades that can be recorded")
        return trades

    @classmethod
    def of(cls, trades: Sequence[Trade]) -> "TradeBatch":
        """Return the same trades by columns."""
        if isinstance(trades, TradeBatch):
            return trades
        return cls(list(zip(*map(astuple, trades), strict=True)) or [()] * len(_AT))

    @property
    def trade_ids(self) -> Sequence[int]:
        """The id of each."""
        return self._column("trade_id")

    @property
    def executed_micros(self) -> Sequence[int]:
        """When each was executed, microseconds since 1970, UTC."""
        return self._column("executed_micros")

    @property
    def ingested_micros(self) -> Sequence[int]:
        """When each was received, microseconds since 1970, UTC."""
        return self._column("ingested_micros")

    def at(self, places: Iterable[int]) -> "TradeBatch":
        """Return the trades at these indexes, in this order."""
        chosen = list(places)
        return TradeBatch([[column[place] for place in chosen] for column in self.columns])

    def __len__(self) -> int:
        return len(self.trade_ids)

    @overload
    def __getitem__(self, place: int) -> Trade: ...
    @overload
    def __getitem__(self, place: slice) -> "TradeBatch": ...
    def __getitem__(self, place: int | slice) -> "Trade | TradeBatch":
        values: list[Any] = [column[place] for column in self.columns]
        return TradeBatch(values) if isinstance(place, slice) else Trade(*values)

    def __iter__(self) -> Iterator[Trade]:
        return map(Trade, *self.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"TradeBatch.of({list(self)!r})"

    def _column(self, name: str) -> Column:
        return self.columns[_AT[name]]

    def _pass(self) -> Iterator[Any]:
        """Yield whether the columns pass each check that `Trade` makes of its fields."""
        yield from (all(self._column(name)) for name in ("exchange", "symbol"))
        yield min(self.trade_ids) > 0 and max(self.trade_ids) <= LARGEST_LONG
        for name in ("price_units", "volume_units"):
            amounts = self._column(name)
            yield min(amounts) > 0 and max(amounts) < UNITS_END
        for moments in (self.executed_micros, self.ingested_micros):
            yield min(moments) >= FIRST_MICROS and max(moments) <= LAST_MICROS
        "".join(self._column("misc")).encode()  # raises what it cannot hold
        yield True
