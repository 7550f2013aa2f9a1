"""What each symbol of a connection is up to, answer by answer."""

import pytest

from producer.kraken.websocket.messages import Answer, Unsubscribed
from producer.kraken.websocket.subscriptions import Ended, Refusal, Started, Subscriptions
from producer.model.venue_errors import Unavailable

BTC, ETH = "BTC/USD", "ETH/USD"


def begun(*symbols: str) -> Subscriptions:
    """The subscriptions of a connection that came about at second 0, and asked for all."""
    book = Subscriptions(symbols, answer_within=10)
    book.begin(0)
    assert book.take_due(0) == list(symbols)
    return book


def subscribed(*symbols: str) -> Subscriptions:
    """Kraken said yes to all, at second 1."""
    book = begun(*symbols)
    for symbol in symbols:
        assert book.note(Answer(symbol, None), 1) == Started(symbol)
    return book


def test_each_symbol_is_asked_for_and_answered_once() -> None:
    """An answer without a request means nothing."""
    book = begun(BTC, ETH)
    assert book.note(Answer(ETH, None), 1) == Started(ETH)
    assert book.note(Answer(ETH, None), 1) is None
    assert book.note(Answer("DOGE/USD", None), 1) is None
    assert book.note(Answer(None, None), 1) is None
    assert book.take_due(9) == []


def test_already_subscribed_is_as_good() -> None:
    """It is no reason to ask again."""
    assert begun(BTC).note(Answer(BTC, "Already subscribed"), 1) == Started(BTC)


@pytest.mark.parametrize(
    "reason",
    ["Currency pair not supported BTC/USD", "Malformed request", "Exceeded msg rate", "Whatever"],
)
def test_a_refused_symbol_is_asked_for_again_alone(reason: str) -> None:
    """After seconds, then longer each time; the others stay subscribed to."""
    book = begun(BTC, ETH)
    assert book.note(Answer(ETH, None), 1) == Started(ETH)
    now, waits = 1.0, []
    for _ in range(14):
        refusal = book.note(Answer(BTC, reason), now)
        assert isinstance(refusal, Refusal)
        assert (refusal.symbol, refusal.reason) == (BTC, reason)
        waits.append(refusal.retry_in)
        assert book.take_due(now + refusal.retry_in - 0.01) == []
        now += refusal.retry_in
        assert book.take_due(now) == [BTC]
    assert waits[0] <= 6.25
    assert 2700 <= waits[-1] <= 3600
    assert book.note(Answer(BTC, None), now) == Started(BTC)


def test_a_refusal_may_name_its_symbol_in_its_text_alone() -> None:
    """As some of Kraken's do."""
    refusal = begun(BTC, ETH).note(Answer(None, "Currency pair not supported ETH/USD"), 1)
    assert isinstance(refusal, Refusal)
    assert refusal.symbol == ETH


def test_a_refusal_of_no_symbol_is_about_the_whole_request() -> None:
    """Then the connection is replaced, and the recorder goes on."""
    with pytest.raises(Unavailable, match="Malformed request"):
        begun(BTC, ETH).note(Answer(None, "Malformed request"), 1)


def test_no_answer_to_one_symbol_counts_as_a_refusal() -> None:
    """The connection is of use to the others."""
    book = begun(BTC, ETH)
    book.note(Answer(ETH, None), 1)
    assert book.overdue(10) == []
    (refusal,) = book.overdue(10.1)
    assert (refusal.symbol, refusal.reason) == (BTC, "no answer")


def test_no_answer_at_all_ends_the_connection() -> None:
    """Other answers are ignored."""
    with pytest.raises(Unavailable, match="not answered the subscription to BTC/USD, ETH/USD"):
        begun(BTC, ETH).overdue(11)


def test_a_subscription_that_kraken_ends_is_begun_anew() -> None:
    """At once if it held; otherwise after a wait, to avoid an endless loop."""
    book = subscribed(BTC)
    assert book.note(Unsubscribed(BTC), 100) == Ended(BTC)
    assert book.take_due(100) == [BTC]
    assert book.note(Answer(BTC, None), 101) == Started(BTC)
    assert book.note(Unsubscribed(BTC), 102) == Ended(BTC)
    assert book.take_due(102) == []
    assert book.take_due(110) == [BTC]


def test_an_end_that_we_asked_for_is_no_surprise() -> None:
    """The subscription that follows it counts."""
    book = subscribed(BTC)
    book.leave(BTC, 50)
    assert book.take_due(50) == [BTC]
    assert book.note(Unsubscribed(BTC), 51) is None
    assert book.note(Answer(BTC, None), 51) == Started(BTC)
    assert book.note(Unsubscribed("DOGE/USD"), 51) is None


def test_a_new_connection_asks_for_all_but_what_was_refused_lately() -> None:
    """A refused symbol keeps its time."""
    book = begun(BTC, ETH)
    book.note(Answer(ETH, None), 1)
    book.note(Answer(BTC, "Currency pair not supported BTC/USD"), 1)
    book.begin(2)
    assert book.take_due(2) == [ETH]
    assert book.take_due(10) == [BTC]


def test_another_symbol_is_asked_for_when_it_is_added() -> None:
    """A pair that Kraken lists again."""
    book = subscribed(BTC)
    book.add(ETH)
    assert book.take_due(5) == [ETH]


def test_a_removed_symbol_is_forgotten() -> None:
    """A late answer about it means nothing, and it is not asked for again."""
    book = begun(BTC, ETH)
    book.remove(ETH)
    assert book.note(Answer(ETH, None), 1) is None
    assert book.note(Unsubscribed(ETH), 1) is None
    assert book.note(Answer(BTC, None), 1) == Started(BTC)
    assert book.overdue(60) == []
    book.begin(70)
    assert book.take_due(70) == [BTC]
