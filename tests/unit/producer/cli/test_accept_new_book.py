"""Accepting a book whose ids start again at 1."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace as with_fields

from producer.cli.accept_new_book import begin_book, named_in_full, recorded_as
from producer.errors import SettingsUnusable, VenueGaveUp
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.market_symbols import Market
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.pair import PairChoice
from producer.model.trade import Trade
from producer.model.venue_errors import Unavailable
from tests.unit.producer.fake_feed import BTC, ETH
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

MakeTrades = Callable[..., list[Trade]]


def of_a_new_book(trades: Sequence[Trade]) -> list[Trade]:
    """The same ids, minutes later."""
    return [with_fields(one, executed_micros=one.executed_micros + 400_000_000) for one in trades]


def accept(
    kraken: FakeKraken, publisher: Publisher, symbol: str, stop: FakeTime | None = None
) -> Trade | None:
    """What the command does once the pair is found; it gives up at the third failure in a row."""
    stop = stop or FakeTime()
    retries = RetryPolicy(3)
    return begin_book(kraken, publisher, BTC, symbol, stop.utc, stop=stop, retries=retries)


def test_a_stop_ends_the_search_for_the_new_book(publisher: Publisher, trades: MakeTrades) -> None:
    """Kraken is not called any more, and nothing is written."""
    kraken = FakeKraken({"BTC/USD": trades([7, 8])}, by_time=True, page_size=2)
    publisher.publish_together({"BTC/USD": kraken.trades(BTC, None)})
    kraken.trades_of["BTC/USD"] = [*trades(range(7, 20)), *of_a_new_book(trades([1]))]
    stop = FakeTime()
    kraken.asked.clear()
    kraken.on_call = lambda: stop.make() if len(kraken.asked) == 2 else None
    assert accept(kraken, publisher, "BTC2/USD", stop) is None
    assert len(kraken.asked) == 3
    assert publisher.positions.recorded("BTC2/USD").cursor is None


def test_the_search_for_the_new_book_waits_for_a_kraken_that_is_away(
    publisher: Publisher, trades: MakeTrades
) -> None:
    """A page that comes between two failures ends the row; a long row ends the search."""
    kraken = FakeKraken({"BTC/USD": trades([7, 8])}, by_time=True, page_size=2)
    publisher.publish_together({"BTC/USD": kraken.trades(BTC, None)})
    kraken.trades_of["BTC/USD"] = [*trades(range(7, 12)), *of_a_new_book(trades([1]))]
    calls = iter([True, True, False, True, True, False, False])

    def fail_at_times() -> None:
        if next(calls, True):
            raise Unavailable("not now")

    kraken.on_call = fail_at_times
    stop = FakeTime()
    first = accept(kraken, publisher, "BTC2/USD", stop)
    assert first is not None
    assert first.trade_id == 1
    assert len(stop.waits) == 4
    with pytest.raises(VenueGaveUp, match="3 times in a row"):
        accept(kraken, publisher, "BTC3/USD")


def test_what_cannot_be_accepted_says_why(publisher: Publisher, trades: MakeTrades) -> None:
    """No older book, a symbol that is taken, or no trade of a new book."""
    kraken = FakeKraken({"BTC/USD": trades([7, 8])}, by_time=True)
    with pytest.raises(SettingsUnusable, match="never recorded"):
        accept(kraken, publisher, "BTC2/USD")
    publisher.publish_together({"BTC/USD": kraken.trades(BTC, None)})
    with pytest.raises(SettingsUnusable, match="recorded already"):
        accept(kraken, publisher, "BTC/USD")
    with pytest.raises(SettingsUnusable, match="nothing to accept"):
        accept(kraken, publisher, "BTC2/USD")


def test_the_line_for_symbol_names_what_is_recorded() -> None:
    """A renamed pair keeps its old symbol: with SYMBOL set, the new one would have no cursor."""
    renamed = KrakenPair("LUNAUSD", "LUNC/USD", "LUNAUSD", "LUNC/USD")
    markets = {
        "LUNAUSD": Market(exchange="KRAKEN", key="LUNAUSD", symbols=("LUNB/USD", "LUNA/USD"))
    }
    assert recorded_as(renamed, markets) == "LUNA/USD"
    assert recorded_as(renamed, {}) == "LUNC/USD"


def test_a_pair_of_a_rule_is_named_in_full_to_have_its_own_symbol() -> None:
    """The rules go on for the others, which need no symbol."""
    by_rule = PairChoice({"BTC/USD": BTC, "ETH/USD": ETH}, {}, frozenset({ETH.key}))
    assert named_in_full(by_rule, ETH, "*/USD,XBTUSD") == ([BTC, ETH], "*/USD,XBTUSD,ETH/USD")
    assert named_in_full(by_rule, BTC, "*/USD,XBTUSD") == ([BTC], "*/USD,XBTUSD")
