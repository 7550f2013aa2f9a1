"""The ways into the topic of trades: live polling, and backfills beside it."""

from dataclasses import dataclass
from typing import Final

__all__ = ["LATE", "LIVE", "CursorScope", "Headers", "is_backfilled"]

Headers = tuple[tuple[str, bytes], ...]

_LANE_HEADER: Final = "lane"
_BACKFILL: Final = "backfill"


@dataclass(frozen=True, slots=True)
class CursorScope:
    """One way: how it keeps its position, and where a pair without one starts.

    Lanes share the topic of cursors under keys of their own, so that neither moves the other's
    position: `BTC/USD` is live polling's, `backfill/BTC/USD/<from>/<to>` a backfill's.

    Attributes:
        first_since: What Kraken is asked with for a pair that has no cursor; None for the
            newest page.
        span: From and to of a backfill, as its key names them; None for live polling.
    """

    first_since: str | None = None
    span: str | None = None

    def key(self, symbol: str) -> str:
        """The key of a symbol's cursor."""
        return symbol if self.span is None else f"{_BACKFILL}/{symbol}/{self.span}"

    @property
    def trade_headers(self) -> Headers:
        """The Kafka headers of its trades.

        A backfill's are marked: where live polling has come cannot be told from them.
        """
        return () if self.span is None else LATE


LATE: Final[Headers] = ((_LANE_HEADER, _BACKFILL.encode()),)
"""The headers of trades that are behind the newest, a backfill's and those that were missing."""
LIVE: Final = CursorScope()


def is_backfilled(headers: list[tuple[str, bytes]] | None) -> bool:
    """Whether the headers are those of a trade behind the newest: see `LATE`."""
    return (_LANE_HEADER, _BACKFILL.encode()) in (headers or ())
