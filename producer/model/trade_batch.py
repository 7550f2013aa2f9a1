"""Many trades, held column by column: as a page brings them, and as a batch is written."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Self, overload

from msgspec.structs import astuple

from producer.model.trade import FIRST_MICROS, LARGEST_LONG, LAST_MICROS, UNITS_END, Trade
from schemas.avro.encoding import Column, Columns

__all__ = ["TradeBatch"]

_AT: Final = {name: at for at, name in enumerate(Trade.__struct_fields__)}


class TradeBatch(Sequence[Trade]):
    """Trades in an order of their own, column by column. A `Trade` is made when it is asked for.

    So a page is read, selected from and encoded without a thousand objects coming and going,
    which took as long as reading it did. `Trade` is what one of them means.

    Args:
        columns: For each field of a trade, in their order, the values of all. They have been
            checked: see `checked`, and `of` for trades that are at hand.

    Attributes:
        columns: The same.
    """

    __slots__ = ("columns",)
    __hash__ = None  # type: ignore[assignment]  # as lists, which it holds

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    @classmethod
    def checked(cls, columns: Columns) -> Self:
        """The trades in columns, each of which `Trade` would make.

        Raises:
            ValueError: One of them is no trade. Which one and why, `Trade` says.
        """
        trades = cls(columns)
        if trades and not all(trades._pass()):
            raise ValueError("not all of them are trades that can be recorded")
        return trades

    @classmethod
    def of(cls, trades: Sequence[Trade]) -> "TradeBatch":
        """The same trades by columns."""
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
        """When each was received, likewise."""
        return self._column("ingested_micros")

    def at(self, places: Iterable[int]) -> "TradeBatch":
        """Those at some places, in that order."""
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
        """Whether the columns hold what `Trade` asks of its fields."""
        yield from (all(self._column(name)) for name in ("exchange", "symbol"))
        yield min(self.trade_ids) > 0 and max(self.trade_ids) <= LARGEST_LONG
        for name in ("price_units", "volume_units"):
            amounts = self._column(name)
            yield min(amounts) > 0 and max(amounts) < UNITS_END
        for moments in (self.executed_micros, self.ingested_micros):
            yield min(moments) >= FIRST_MICROS and max(moments) <= LAST_MICROS
        "".join(self._column("misc")).encode()  # raises what it cannot hold
        yield True
