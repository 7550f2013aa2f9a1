"""A relisted market: its trade ids start again, below those that are recorded."""

from typing import Final

from producer.errors import PairParked
from producer.model.page_update import Recorded
from producer.model.starting_point import EARLIEST_MOMENT, nanoseconds
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch

__all__ = ["before_a_new_book", "begins_anew"]

_TOLERANCE_MICROS: Final = 60 * 1_000_000
"""How much newer than the last recorded trade a trade with a lower id has to be to start a new
book. Times that disagree with the order of ids do so by milliseconds (kelp#461), and no market is
relisted within a minute."""


def before_a_new_book(trades: TradeBatch, recorded: Recorded) -> tuple[TradeBatch, Trade | None]:
    """Return the trades before the first that cannot belong to the recorded book, and that trade.

    Its id was recorded long before, or came before it in the same page, and is not known to be
    missing; and yet it is newer than the last recorded trade.
    """
    since = nanoseconds(recorded.cursor.since) if recorded.cursor else None
    known = since is not None and since >= EARLIEST_MOMENT
    newest = since // 1_000 if since is not None and known else None
    last = recorded.last_trade_id
    ids, times = trades.trade_ids, trades.executed_micros
    for done, place in enumerate(order := sorted(range(len(trades)), key=times.__getitem__)):
        trade_id, micros = ids[place], times[place]
        if trade_id > last:
            last, newest = trade_id, micros if newest is None else max(newest, micros)
        elif (
            newest is not None
            and micros > newest + _TOLERANCE_MICROS
            and trade_id not in recorded.missing
        ):
            return trades.at(sorted(order[:done])), trades[place]
    return trades, None


def begins_anew(recorded: Recorded, first: Trade) -> PairParked:
    """Return the error to raise if only trades of a new book are left."""
    symbol, last = recorded.symbol, recorded.last_trade_id
    return PairParked(
        symbol,
        f"its trade ids start again: {first.trade_id} was traded at {first.executed_at:%FT%TZ}, "
        f"long after {last}; under one symbol the new book would share ids with the old one",
        f"accept it: kraken-lake accept-new-book --pair {symbol} --as "
        f"{_suggestion(symbol)}, which loses nothing",
        new_book=True,
    )


def _suggestion(symbol: str) -> str:
    base, slash, quote = symbol.partition("/")
    return f"{base}2{slash}{quote}"
