"""Start to record a book whose ids start again at 1, under a symbol of its own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from producer.cli.kraken_access import choose_pairs, open_kraken, until_answered
from producer.cli.symbols import labelled
from producer.errors import SettingsUnusable
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.market_symbols import Market
from producer.kafka.producer_topics import ProducerTopics
from producer.kafka.publish_log import log_update
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.listing import Found, required
from producer.model.cursor import Cursor
from producer.model.cursor_scope import LIVE
from producer.model.new_book import before_a_new_book
from producer.model.pair import Pair, PairChoice
from producer.model.starting_point import just_before
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch
from producer.model.venue import TradesSource
from producer.settings import Settings
from runtime.clock import utc_now
from runtime.shutdown import StopRequest

__all__ = ["accept_new_book", "begin_book", "named_in_full", "recorded_as"]

_MOST_FAILURES = 8


def accept_new_book(settings: Settings, stop: StopRequest, name: str, label: str) -> str | None:
    """Write the cursor of a book that Kraken has relisted, and return how to record it.

    If it is stopped before that, it writes nothing and returns None.

    It does not use the transactional id of live recording, so it fences nothing.

    Args:
        settings: All settings.
        stop: Ends it between two calls.
        name: The pair's name, Kraken's or that of the settings.
        label: The symbol to record the new book under.

    Raises:
        SettingsUnusable: There is no new book, or the symbol cannot be taken for it.
        VenueGaveUp: Kraken failed too often in a row.
        ProducerError, BrokerError, VenueError, SchemasError: Something else cannot be used.
    """
    own = settings.producer
    with open_kraken(own, stop) as kraken:
        retries = RetryPolicy(_MOST_FAILURES)
        choice = choose_pairs(kraken, own, stop, retries)
        found = until_answered(lambda: kraken.find_pairs([name]), stop, retries)
        if found is None:
            return None
        pair = _named(list(choice.pairs.values()), found, name)
        (new,) = labelled([pair], [label.replace("_", "/")])
        producer = f"{own.transactional_id_for(settings.kafka.topic)}.accept"
        topics = ProducerTopics(settings)
        publisher = topics.publisher(producer, LIVE, log_update)
        first = begin_book(kraken, publisher, pair, new.symbol, utc_now, stop=stop, retries=retries)
    if first is None:
        return None
    markets = {} if own.symbols else topics.markets()
    named, names = named_in_full(choice, pair, own.kraken_pair)
    symbols = [new.symbol if one == pair else recorded_as(one, markets) for one in named]
    return (
        f"{new.symbol} begins with trade {first.trade_id} of {first.executed_at:%FT%TZ}, where "
        f"{pair.symbol} ends. Set SYMBOL={','.join(symbols)} for KRAKEN_PAIR={names}, "
        "and start the producer again"
    )


def named_in_full(choice: PairChoice, pair: Pair, names: str) -> tuple[list[Pair], str]:
    """Return the pairs that need a symbol each, and KRAKEN_PAIR, so that `pair` may have its own.

    A pair that a rule brings is named in full from now on; the rules go on for the others.

    Args:
        choice: The recorded pairs.
        pair: One of them.
        names: KRAKEN_PAIR.
    """
    named = [one for one in choice.pairs.values() if one.key not in choice.by_rule]
    if pair in named:
        return named, names
    return [*named, pair], f"{names},{pair.feed_name}"


def recorded_as(pair: Pair, markets: Mapping[str, Market]) -> str:
    """Return the symbol that keys a pair's cursor, which SYMBOL has to name from now on.

    A pair that was renamed since the producer's start is still recorded under its old symbol. If
    SYMBOL is set, no cursor is carried over: the new name would start without one.
    """
    market = markets.get(pair.key)
    return market.symbols[-1] if market else pair.symbol


def begin_book(  # noqa: PLR0913  what its calls need
    kraken: TradesSource,
    publisher: Publisher,
    pair: Pair,
    symbol: str,
    now: Callable[[], datetime],
    *,
    stop: StopRequest,
    retries: RetryPolicy,
) -> Trade | None:
    """Write a cursor for the new book, just before its first trade, and return that trade.

    The old book's cursor stays: it says what was recorded under the old symbol.

    Args:
        kraken: Gives the trades after the old book's cursor.
        publisher: Knows that cursor, and writes the new one.
        pair: The pair, under the symbol of the old book.
        symbol: The symbol of the new book.
        now: The time.
        stop: Ends it between two calls; it then writes nothing and returns None.
        retries: How long to wait after a failed call.

    Raises:
        SettingsUnusable: There is no new book, or the symbol is recorded already.
        VenueGaveUp: Kraken failed too often in a row.
        VenueTerminal: Kraken refuses the pair.
        TerminalError, KafkaUnreachable: The cursor could not be written.
    """
    recorded = publisher.positions.recorded(pair.symbol)
    if recorded.cursor is None:
        raise SettingsUnusable(f"{pair.symbol} was never recorded, so it has no older book to end")
    if publisher.positions.recorded(symbol).cursor is not None:
        raise SettingsUnusable(f"{symbol} is recorded already: choose another symbol")
    since, first = recorded.cursor.since, None
    while first is None:
        page = until_answered(partial(kraken.trades, pair, since), stop, retries)
        if page is None:
            return None
        retries.succeeded(pair.symbol)
        _, first = before_a_new_book(TradeBatch.of(page.trades), recorded)
        if first is None and page.last == since:
            raise SettingsUnusable(
                f"Kraken has no trade of {pair.symbol} whose id starts again after "
                f"{recorded.last_trade_id}: there is nothing to accept"
            )
        since = page.last
    publisher.restore(
        Cursor(
            exchange=recorded.exchange,
            symbol=symbol,
            last_trade_id=0,
            since=just_before(first.executed_at),
            updated_at=now(),
        )
    )
    return first


def _named(pairs: Sequence[Pair], found: Sequence[Found], name: str) -> Pair:
    """Return the pair of the settings that a name means, under its recorded symbol."""
    asked = {one.key for one in found if isinstance(one, KrakenPair)}
    for pair in pairs:
        if pair.key in asked or pair.symbol == name.replace("_", "/"):
            return pair
    required(list(found))
    raise SettingsUnusable(f"{name} is not among the recorded pairs; name one of KRAKEN_PAIR")
