"""The kinds of faults, and what each kind acts on."""

from enum import StrEnum
from typing import Final

__all__ = ["ANSWER", "BOOK", "FRAME", "PAGE", "FaultKind"]


class FaultKind(StrEnum):
    """What may go wrong with an answer, a frame, a pair or its trades."""

    ERROR = "error"
    """HTTP 200 with `message` in Kraken's error list."""
    RATE_LIMIT = "rate-limit"
    """HTTP 200 with `EAPI:Rate limit exceeded`."""
    UNAVAILABLE = "unavailable"
    """HTTP 200 with `EService:Unavailable`."""
    HTTP_403 = "http-403"
    """The HTML page with which the exchange's firewall refuses an address."""
    HTTP_404 = "http-404"
    """The path is gone, although it worked before; the body is not JSON."""
    HTTP_429 = "http-429"
    """Called too often; the body is not JSON."""
    HTTP_503 = "http-503"
    """Out of service; the body is not JSON."""
    HTTP_520 = "http-520"
    """The HTML page that the proxy in front of Kraken sends when Kraken fails."""
    RUBBISH = "rubbish"
    """HTTP 200 with a body that is not JSON."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    CUT = "cut"
    """The right answer, the connection cut in its middle."""

    REPEAT = "repeat"
    """The page begins with the last `trades` trades before the cursor, as if it were inclusive."""
    JUMP = "jump"
    """`trades` trades are missing from the page's middle; a repeated request returns them."""
    HOLE = "hole"
    """`trades` trades are missing from the page's middle, and from every later answer."""
    BAD_ROW = "bad-row"
    """The page ends with one more row, whose price is `NaN`."""
    SIX_FIELDS = "six-fields"
    """The page ends with one more row, which has six fields: no trade_id."""
    ODD_ROW = "odd-row"
    """The page ends with one more row, which is an object instead of a list."""

    SHORT_PAGES = "short-pages"
    """A page holds at most `trades` trades, although more follow."""
    STALE = "stale"
    """The page comes from a back end that is `seconds` behind."""
    CACHED = "cached"
    """The same URL gets the same answer for `seconds`."""
    DELISTED = "delisted"
    """No endpoint knows the pair; the WebSocket refuses it and sends none of its trades."""

    WITHHELD = "withheld"
    """REST lacks the next `trades` trades for `seconds` after the first of them, but shows later
    ones; the WebSocket sends `socket` of them: `all`, `some` (all but the first) or `none`."""
    NEVER = "never"
    """No endpoint ever shows the next `trades` trades: their ids are really missing."""
    OUT_OF_ORDER = "out-of-order"
    """`trades` coming trades get a time two milliseconds before that of their predecessor."""
    UNREADABLE = "unreadable"
    """The next `trades` trades have a price of eleven decimals, by REST and by WebSocket."""
    NEW_BOOK = "new-book"
    """The ids of the coming trades start again at `first`, after a `pause`."""
    RENAMED = "renamed"
    """The pair's wsname becomes `name`, under the same key."""

    REFUSE_SYMBOL = "refuse-symbol"
    """WebSocket: the subscription is answered with `Currency pair not supported`."""
    DUPLICATE_FRAME = "duplicate-frame"
    """WebSocket: a frame of trades comes twice."""
    REORDER_FRAMES = "reorder-frames"
    """WebSocket: a frame of trades comes after the one that follows it."""
    LOST_FRAME = "lost-frame"
    """WebSocket: a frame of trades is not sent."""
    HALF_FRAME = "half-frame"
    """WebSocket: the connection is cut in the middle of a frame."""
    CLOSE = "close"
    """WebSocket: the connection is closed with `code`; 1006 cuts it without a close frame."""
    SILENCE = "silence"
    """WebSocket: from now on the connection sends nothing and answers nothing."""
    MAINTENANCE = "maintenance"
    """WebSocket: a maintenance of `seconds`, announced by status; its trades are not sent."""
    DEAD_SUBSCRIPTION = "dead-subscription"
    """WebSocket: the pair's trades stop until it is subscribed to again, after an unsubscribe
    (`until=subscribe`) or only over a new connection (`until=connect`)."""
    UNSUBSCRIBED = "unsubscribed"
    """WebSocket: the server ends the subscription and sends a message about it."""
    LOST_LAST = "lost-last"
    """WebSocket: the last trade before a pause of a second or more is not sent."""
    MICROSECOND = "microsecond"
    """WebSocket: the pair's times are a microsecond later than REST's."""


PAGE: Final = frozenset(
    {
        FaultKind.REPEAT,
        FaultKind.JUMP,
        FaultKind.HOLE,
        FaultKind.BAD_ROW,
        FaultKind.SIX_FIELDS,
        FaultKind.ODD_ROW,
    }
)
"""Faults that need a page of trades, and fit only some pages."""

ANSWER: Final = PAGE | {
    FaultKind.ERROR,
    FaultKind.RATE_LIMIT,
    FaultKind.UNAVAILABLE,
    FaultKind.HTTP_403,
    FaultKind.HTTP_404,
    FaultKind.HTTP_429,
    FaultKind.HTTP_503,
    FaultKind.HTTP_520,
    FaultKind.RUBBISH,
    FaultKind.SLOW,
    FaultKind.CUT,
}
"""Faults that spoil an answer, at most one for each answer."""

BOOK: Final = frozenset(
    {
        FaultKind.WITHHELD,
        FaultKind.NEVER,
        FaultKind.OUT_OF_ORDER,
        FaultKind.UNREADABLE,
        FaultKind.NEW_BOOK,
        FaultKind.RENAMED,
    }
)
"""Faults that change a pair's book once, when they are armed; the change stays."""

FRAME: Final = frozenset(
    {
        FaultKind.DUPLICATE_FRAME,
        FaultKind.REORDER_FRAMES,
        FaultKind.LOST_FRAME,
        FaultKind.HALF_FRAME,
        FaultKind.CLOSE,
        FaultKind.SILENCE,
        FaultKind.MAINTENANCE,
    }
)
"""Faults of the WebSocket, which strike at a frame of trades."""
