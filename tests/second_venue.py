"""A second exchange, the Bourse: it shows what a venue has to implement, and exists in tests only.

Its trades are text, one a line: `17;101.5;0.25;sell;2026-01-30T18:00:17+00:00`. A page has four
lines, and its cursor is the time of the last one in nanoseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Self

from producer.model.feed_events import Arrival, LiveTrades, Subscribed
from producer.model.page import RejectedRow, TradesPage
from producer.model.pair import CURRENCY, Pair
from producer.model.starting_point import just_before
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.venue_errors import PairRefused

EXCHANGE = "BOURSE"
_PAGE_LINES = 4


@dataclass(frozen=True, slots=True)
class Share:
    """A pair of the Bourse."""

    isin: str
    symbol: str

    @property
    def key(self) -> str:
        """The name that stays."""
        return self.isin

    @property
    def feed_name(self) -> str:
        """As the feed calls it."""
        return self.isin.lower()

    @property
    def asset_class(self) -> str:
        """The Bourse has one."""
        return CURRENCY

    def recorded_as(self, symbol: str) -> Self:
        """The same share under another symbol."""
        return replace(self, symbol=symbol)


@dataclass
class Bourse:
    """Pages of the market's trades.

    Attributes:
        lines: What each share's trades are, by its key.
        refused: Keys of shares that it refuses to answer for.
    """

    lines: Mapping[str, Sequence[str]]
    refused: set[str] = field(default_factory=set)

    def trades(self, pair: Pair, since: str | None) -> TradesPage:
        """The page after the cursor; without one, the newest."""
        if pair.key in self.refused:
            raise PairRefused(f"the Bourse does not trade {pair.key} today")
        lines = self.lines[pair.key]
        behind = [line for line in lines if since is None or _cursor(line) > int(since)]
        page = behind[-_PAGE_LINES:] if since is None else behind[:_PAGE_LINES]
        last = str(_cursor(page[-1])) if page else since or "0"
        read = [_read(pair, line) for line in page]
        return TradesPage(
            tuple(one for one in read if isinstance(one, Trade)),
            tuple(one for one in read if isinstance(one, RejectedRow)),
            last,
            len(page),
        )


@dataclass
class BourseFeed:
    """The market's trades as they happen: a test puts the lines in."""

    waiting: list[Arrival] = field(default_factory=list)
    alive: bool = True

    def subscribed(self, pair: Pair) -> None:
        """From now on the share's trades come."""
        self.waiting.append(Subscribed(pair))

    def happened(self, pair: Pair, lines: Iterable[str]) -> None:
        """Trades, in one message."""
        read = [_read(pair, line, Feed.WEBSOCKET) for line in lines]
        trades = [one for one in read if isinstance(one, Trade)]
        self.waiting.append(LiveTrades(pair, trades, snapshot=False))

    def take(self, most_trades: int) -> Sequence[Arrival]:  # noqa: ARG002  few come
        """What has arrived."""
        arrived, self.waiting = self.waiting, []
        return arrived

    def add(self, pair: Pair) -> None:
        """Takes another share's trades too."""
        self.subscribed(pair)

    def renew_subscription(self, pair: Pair) -> None:
        """There is nothing to renew."""

    def renew_connection(self, pair: Pair) -> None:
        """There is no connection."""


def line(trade_id: int, at: datetime) -> str:
    """A trade as the Bourse writes it."""
    side = "sell" if trade_id % 2 else "buy"
    return f"{trade_id};{100 + trade_id}.5;0.25;{side};{at.isoformat()}"


def _cursor(text: str) -> int:
    return int(just_before(_time(text))) + 1


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.split(";")[4])


def _read(pair: Pair, text: str, feed: Feed = Feed.REST) -> Trade | RejectedRow:
    trade_id, price, volume, side, _ = text.split(";")
    if Decimal(price) <= 0:
        return RejectedRow(text, "the price is not positive", int(trade_id))
    return Trade.of(
        exchange=EXCHANGE,
        symbol=pair.symbol,
        trade_id=int(trade_id),
        price=Decimal(price),
        volume=Decimal(volume),
        side=Side(side.upper()),
        order_type=OrderType.LIMIT,
        misc="",
        executed_at=_time(text),
        ingested_at=datetime.now(UTC),
        feed=feed,
    )
