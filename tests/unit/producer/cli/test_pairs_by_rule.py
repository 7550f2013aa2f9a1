"""Which of the pairs that Kraken lists the rules bring."""

import json
from collections.abc import Mapping

import pytest
import structlog

from producer.cli.pairs_by_rule import brought_by_rules, choose_by_rules
from producer.errors import SettingsUnusable
from producer.kraken.rest.envelope import open_envelope
from producer.kraken.rest.listing import Listing, read_listing
from producer.model.pair_rules import PairRules
from producer.model.venue_errors import PairRepeated
from producer.settings import listed

# Names and codes as Kraken gives them.
PAIRS = {
    "XXBTZUSD": ("XBTUSD", "XBT/USD", "XXBT", "ZUSD"),
    "XXBTZEUR": ("XBTEUR", "XBT/EUR", "XXBT", "ZEUR"),
    "XETHZUSD": ("ETHUSD", "ETH/USD", "XETH", "ZUSD"),
    "XETHXXBT": ("ETHXBT", "ETH/XBT", "XETH", "XXBT"),
    "XDGUSD": ("XDGUSD", "XDG/USD", "XXDG", "ZUSD"),
    "SOLEUR": ("SOLEUR", "SOL/EUR", "SOL", "ZEUR"),
}


def listing_of(pairs: Mapping[str, tuple[str, str, str, str]] = PAIRS) -> Listing:
    """What AssetPairs answers with these pairs."""
    result = {
        key: {"altname": altname, "wsname": wsname, "base": base, "quote": quote}
        for key, (altname, wsname, base, quote) in pairs.items()
    }
    body = json.dumps({"error": [], "result": result})
    return read_listing(open_envelope(body, asked="AssetPairs"))


def symbols(text: str, *labels: str) -> list[str]:
    """The symbols that KRAKEN_PAIR and SYMBOL mean."""
    choice = choose_by_rules(PairRules.read(listed(text)), listing_of(), labels)
    return [pair.symbol for pair in choice.pairs.values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", "BTC/USD BTC/EUR ETH/USD ETH/BTC DOGE/USD SOL/EUR"),
        ("*/USD", "BTC/USD ETH/USD DOGE/USD"),
        ("BTC/*", "BTC/USD BTC/EUR"),
        ("*,-*/EUR", "BTC/USD ETH/USD ETH/BTC DOGE/USD"),
        ("*/USD,*/BTC,-DOGE/*", "BTC/USD ETH/USD ETH/BTC"),
        ("*/USD,-ETH/USD", "BTC/USD DOGE/USD"),
        ("*/EUR,ETH/USD", "ETH/USD BTC/EUR SOL/EUR"),
    ],
)
def test_rules_bring_pairs_by_canonical_names(text: str, expected: str) -> None:
    """Those named in full come first, then the others in Kraken's order."""
    assert symbols(text) == expected.split()


@pytest.mark.parametrize(
    "text", ["XBT/*", "XXBT/*", "xbt/*", "*,-*/BTC,-*/ZUSD,-SOL/*", "*,-XETH/*,-XDGUSD,-SOLEUR"]
)
def test_kraken_own_names_work_in_rules(text: str) -> None:
    """Its currency codes, and its names of pairs, in any case."""
    assert "BTC/EUR" in symbols(text)
    assert not {"ETH/USD", "DOGE/USD", "SOL/EUR"} & set(symbols(text))


def test_a_pair_named_in_full_is_recorded_whatever_is_left_out() -> None:
    """An exclusion takes from what rules bring, and a label is for a name in full."""
    assert symbols("*/USD,-BTC/*,XBTUSD", "MY/COIN") == ["MY/COIN", "ETH/USD", "DOGE/USD"]
    with pytest.raises(SettingsUnusable, match=r"1 labels.*0 pairs named in full"):
        symbols("*/USD", "MY/COIN")
    with pytest.raises(PairRepeated):
        symbols("*/USD,BTC/USD,XBTUSD")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*/UDS", r"^\*/UDS in KRAKEN_PAIR matches none of the 6 pairs of Kraken; .*USD for UDS"),
        ("*/USD,BCT/*", r"^BCT/\* in KRAKEN_PAIR matches none.*BTC for BCT"),
        ("*,-*/EURO", r"^-\*/EURO in KRAKEN_PAIR matches none.*EUR for EURO"),
        ("SOL/*,*/JPY", r"^\*/JPY in KRAKEN_PAIR matches none.*correct it or take it out"),
        ("*,-BTC/UDS", r"^-BTC/UDS in KRAKEN_PAIR leaves out no pair.*did you mean .*BTC/USD"),
    ],
)
def test_a_rule_that_matches_nothing_is_a_mistake(text: str, message: str) -> None:
    """Also an exclusion, also beside rules that match; the message suggests what was meant."""
    with pytest.raises(SettingsUnusable, match=message):
        symbols(text)


def test_a_name_in_full_that_kraken_does_not_list_is_looked_up_again() -> None:
    """As without rules."""
    choice = choose_by_rules(PairRules.read(["*/EUR", "NO/SUCH"]), listing_of(), ())
    assert list(choice.unknown) == ["NO/SUCH"]


def test_an_odd_listing_stops_no_other_pair() -> None:
    """A second key of the same name, and a name that no trade may have, are left out, and said."""
    odd = {
        "XXBTZUSD2": ("XBTUSD2", "XBT/USD", "XXBT", "ZUSD"),
        "ODD": ("ODD", "O_DD/USD", "ODD", "ZUSD"),
    }
    rules = PairRules.read(["*/USD"])
    with structlog.testing.capture_logs() as lines:
        logged: set[str] = set()
        for _ in range(2):
            pairs = brought_by_rules(
                rules, listing_of({**PAIRS, **odd}), except_keys=(), taken=(), logged=logged
            )
    assert [pair.key for pair in pairs] == ["XXBTZUSD", "XETHZUSD", "XDGUSD"]
    assert [(line["event"], line["key"]) for line in lines] == [
        ("pair_left_out", "XXBTZUSD2"),
        ("pair_left_out", "ODD"),
    ]
    assert "another pair is recorded as BTC/USD" in lines[0]["reason"]
    assert "symbol_is_a_name" in lines[1]["reason"]
