"""One page of trades, as the parser hands it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from producer.model.trade import Trade

PAGE_LIMIT: Final = 1000
"""Most trades in one answer, and what the client asks for."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is no trade we can record, kept as Kraken sent it.

    Attributes:
        raw: The row's JSON text, byte for byte.
        reason: What is wrong with it.
        trade_id: Its sequence number, where the row holds one.
    """

    raw: str
    reason: str
    trade_id: int | None


@dataclass(frozen=True, slots=True)
class TradesPage:
    """One answer to a Trades call.

    Attributes:
        trades: In the order of the answer.
        rejected: Rows that are no trades.
        last: Kraken's cursor for the next page: nanoseconds as text, never to be rebuilt
            from a row, whose time is rounded.
        rows: How many rows the answer held, good and bad.
    """

    trades: Sequence[Trade]
    rejected: tuple[RejectedRow, ...]
    last: str
    rows: int

    @property
    def is_full(self) -> bool:
        """Whether it holds as many rows as were asked for. A page that does not may be cut, too."""
        return self.rows >= PAGE_LIMIT
