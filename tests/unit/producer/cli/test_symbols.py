import pytest
import structlog

from producer.cli.symbols import labelled
from producer.errors import SettingsUnusable
from producer.kraken.pairs import KrakenPair

PAIRS = [
    KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD"),
    KrakenPair("XETHZUSD", "ETH/USD", "ETHUSD", "ETH/USD"),
]


def test_without_labels_symbols_are_canonical() -> None:
    """SYMBOL is optional."""
    assert labelled(PAIRS, []) == PAIRS


def test_labels_replace_symbols_in_order() -> None:
    """What Kraken is asked for stays the same, and a label that differs is logged."""
    with structlog.testing.capture_logs() as lines:
        first, second = labelled(PAIRS, ["BTC/USD", "ETHER/USD"])
    assert (first.symbol, first.key) == ("BTC/USD", "XXBTZUSD")
    assert (second.symbol, second.key) == ("ETHER/USD", "XETHZUSD")
    assert [(line["pair"], line["symbol"]) for line in lines] == [("ETH/USD", "ETHER/USD")]


@pytest.mark.parametrize("labels", [["A/B"], ["A/B", "C/D", "E/F"]])
def test_there_must_be_one_label_per_pair(labels: list[str]) -> None:
    """The error says how many there are of each."""
    with pytest.raises(SettingsUnusable, match=rf"{len(labels)} labels.*2 pairs"):
        labelled(PAIRS, labels)


def test_two_pairs_cannot_share_a_label() -> None:
    """Their trade ids would be taken for each other's."""
    with pytest.raises(SettingsUnusable, match="twice"):
        labelled(PAIRS, ["A/B", "A/B"])


def test_a_label_that_no_trade_may_have_is_refused() -> None:
    """Every trade of the pair would be put into quarantine."""
    with pytest.raises(SettingsUnusable, match=r"'BTC:USD' .*BTC/USD.*symbol_is_a_name"):
        labelled(PAIRS, ["BTC:USD", "ETH/USD"])
