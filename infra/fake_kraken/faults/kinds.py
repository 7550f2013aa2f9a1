"""The kinds of faults, and which part of the stand-in plays each."""

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
    """The page of HTML with which the exchange's shield refuses an address."""
    HTTP_404 = "http-404"
    """The path is gone, although it worked before, and no JSON."""
    HTTP_429 = "http-429"
    """Called too often, and no JSON."""
    HTTP_503 = "http-503"
    """Out of service, and no JSON."""
    HTTP_520 = "http-520"
    """The page of HTML that stands before Kraken when it fails."""
    RUBBISH = "rubbish"
    """HTTP 200 with a body that is no JSON."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    CUT = "cut"
    """The right answer, the connection cut in its middle."""

    REPEAT = "repeat"
    """The page begins with the last `trades` trades before the cursor, as if it were inclusive."""
    JUMP = "jump"
    """`trades` trades are missing from the page's middle, and there when asked for again."""
    HOLE = "hole"
    """`trades` trades are missing from the page's middle, and from then on for good."""
    BAD_ROW = "bad-row"
    """The page ends with one more row, whose price is `NaN`."""
    SIX_FIELDS = "six-fields"
    """The page ends with one more row, which has six fields: no trade_id."""
    ODD_ROW = "odd-row"
    """The page ends with one more row, which is an object and no list."""

    SHORT_PAGES = "short-pages"
    """A page holds at most `trades` trades, although more follow."""
    STALE = "stale"
    """The page is that of a back end which is `seconds` behind."""
    CACHED = "cached"
    """An answer is given again to the same URL for `seconds`."""
    DELISTED = "delisted"
    """No endpoint knows the pair; the WebSocket refuses it and sends nothing of it."""

    WITHHELD = "withheld"
    """REST lacks `trades` trades to come for `seconds` after the first of them, and has later
    ones; the WebSocket sends `socket` of them: `all`, `some` (all but the first) or `none`."""
    NEVER = "never"
    """`trades` trades to come are shown by no endpoint, ever: a real hole."""
    OUT_OF_ORDER = "out-of-order"
    """`trades` trades to come are stamped two milliseconds before the trade that precedes each."""
    UNREADABLE = "unreadable"
    """`trades` trades to come have a price of eleven decimals, by REST and by WebSocket."""
    NEW_BOOK = "new-book"
    """The ids of the trades to come begin anew, at `first`, after a `pause`."""
    RENAMED = "renamed"
    """The pair's wsname becomes `name`, under the same key."""

    REFUSE_SYMBOL = "refuse-symbol"
    """WebSocket: the subscription is answered with `Currency pair not supported`."""
    DUPLICATE_FRAME = "duplicate-frame"
    """WebSocket: a frame of trades comes twice."""
    REORDER_FRAMES = "reorder-frames"
    """WebSocket: a frame of trades comes after the one that follows it."""
    LOST_FRAME = "lost-frame"
    """WebSocket: a frame of trades does not come."""
    HALF_FRAME = "half-frame"
    """WebSocket: the connection is cut in the middle of a frame."""
    CLOSE = "close"
    """WebSocket: the connection is closed with `code`; 1006 cuts it without a word."""
    SILENCE = "silence"
    """WebSocket: from now on nothing comes over the connection, and nothing is answered."""
    MAINTENANCE = "maintenance"
    """WebSocket: a maintenance of `seconds`, told of by status; its trades do not come."""
    DEAD_SUBSCRIPTION = "dead-subscription"
    """WebSocket: nothing more of the pair comes until it is subscribed to again: after an
    unsubscribe (`until=subscribe`) or over a new connection only (`until=connect`)."""
    UNSUBSCRIBED = "unsubscribed"
    """WebSocket: the subscription is ended by the server, which says so."""
    LOST_LAST = "lost-last"
    """WebSocket: the last trade before a pause of a second or more does not come."""
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
"""Faults that spoil an answer, one at most each answer."""

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
"""Faults that change a pair's book once, when they are armed, and then stay."""

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
