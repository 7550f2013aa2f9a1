import pytest

from producer.kraken.errors import KrakenError, RequestRefused, Unavailable, UnknownPair
from producer.kraken.websocket.messages import Answer
from producer.kraken.websocket.subscriptions import Subscriptions


def test_each_symbol_is_answered_once() -> None:
    """What has not been answered is known."""
    book = Subscriptions(["BTC/USD", "ETH/USD"])
    assert book.note(Answer("ETH/USD", None)) == "ETH/USD"
    assert book.unanswered == ["BTC/USD"]
    assert not book.complete
    assert book.note(Answer("ETH/USD", None)) is None
    assert book.note(Answer("DOGE/USD", None)) is None
    assert book.note(Answer("BTC/USD", None)) == "BTC/USD"
    assert book.unanswered == []
    assert book.complete


def test_already_subscribed_is_as_good() -> None:
    """It is no reason to connect anew."""
    book = Subscriptions(["BTC/USD"])
    assert book.note(Answer("BTC/USD", "Already subscribed")) == "BTC/USD"


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("Currency pair not supported XBT/USD", UnknownPair),
        ("Malformed request", RequestRefused),
        ("Unsupported field: 'x' for the given msg type: subscribe trade", RequestRefused),
        ("Exceeded msg rate", Unavailable),
        ("Something that nobody has seen", Unavailable),
    ],
)
def test_a_refusal_tells_whether_to_try_again(reason: str, error: type[KrakenError]) -> None:
    """What is new to us is tried again."""
    with pytest.raises(error, match=reason.partition(":")[0]):
        Subscriptions(["XBT/USD"]).note(Answer("XBT/USD", reason))


def test_a_refused_pair_is_told_with_what_to_do() -> None:
    """In one sentence."""
    with pytest.raises(UnknownPair, match=r"refuses XBT/USD .*KRAKEN_PAIR.*KRAKEN_FEED=rest"):
        Subscriptions(["XBT/USD"]).note(Answer("XBT/USD", "Currency pair not supported XBT/USD"))
