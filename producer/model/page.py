"""One page of trades, as the parser returns it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from producer.model.trade import Trade

__all__ = ["PAGE_LIMIT", "RejectedRow", "TradesPage"]

PAGE_LIMIT: Final = 1000
"""The most trades in one answer, and the number that the client asks for."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is no valid trade, kept as Kraken sent it.

    Attributes:
        raw: The row's JSON text, byte for byte.
        reason: What is wrong with it.
        trade_id: Its sequence number, if the row holds one.
    """

    raw: str
    reason: str
    trade_id: int | None


@dataclass(frozen=True, slots=True)
class TradesPage:
    """One answer to a Trades call.

    Attributes:
        trades: In the order of the answer.
        rejected: Rows that are no valid trades.
        last: Kraken's cursor for the next page: nanoseconds as text. It cannot be computed from a
            row, whose time is rounded.
        rows: How many rows the answer held, valid and rejected.
    """

    trades: Sequence[Trade]
    rejected: tuple[RejectedRow, ...]
    last: str
    rows: int

    @property
    def is_full(self) -> bool:
        """Whether it holds as many rows as requested. Kraken may cut a shorter page, too."""
        return self.rows >= PAGE_LIMIT
