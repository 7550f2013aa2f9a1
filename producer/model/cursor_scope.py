"""The scopes of cursors: live recording, and each backfill beside it."""

from dataclasses import dataclass
from typing import Final

__all__ = ["LATE", "LIVE", "CursorScope", "Headers", "is_backfilled"]

Headers = tuple[tuple[str, bytes], ...]

_LANE_HEADER: Final = "lane"
_BACKFILL: Final = "backfill"


@dataclass(frozen=True, slots=True)
class CursorScope:
    """One scope: the keys of its cursors, and where a pair without a cursor starts.

    Scopes share the topic of cursors under keys of their own, so that none moves another's
    position: `BTC/USD` is live recording's key, `backfill/BTC/USD/<from>/<to>` a backfill's.

    Attributes:
        first_since: Kraken's cursor for the first request of a pair without a cursor; None for
            the newest page.
        span: A backfill's start and end, as in its key; None for live recording.
    """

    first_since: str | None = None
    span: str | None = None

    def key(self, symbol: str) -> str:
        """Return the key of a symbol's cursor."""
        return symbol if self.span is None else f"{_BACKFILL}/{symbol}/{self.span}"

    @property
    def trade_headers(self) -> Headers:
        """The Kafka headers of its trades.

        A backfill's trades are marked, as they do not show how far live recording has come.
        """
        return () if self.span is None else LATE


LATE: Final[Headers] = ((_LANE_HEADER, _BACKFILL.encode()),)
"""The headers of trades older than the newest: a backfill's, and those that were missing."""
LIVE: Final = CursorScope()


def is_backfilled(headers: list[tuple[str, bytes]] | None) -> bool:
    """Whether the headers mark a trade older than the newest: see `LATE`."""
    return (_LANE_HEADER, _BACKFILL.encode()) in (headers or ())
