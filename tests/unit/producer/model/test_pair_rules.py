"""Rules for pairs, as KRAKEN_PAIR writes them."""

import pytest

from producer.model.pair_rules import PairRule, PairRules


def test_rules_names_and_exclusions_may_be_mixed() -> None:
    """Each part is what its form says; names keep their order."""
    rules = PairRules.read(["*/USD", "ETH/EUR", "-DOGE/*", "XBTUSDT", "-BTC/USD", "- */EUR", "*"])
    assert rules.names == ("ETH/EUR", "XBTUSDT")
    assert rules.included == (PairRule("*/USD", "*", "USD"), PairRule("*", "*", "*"))
    assert rules.excluded == (PairRule("DOGE/*", "DOGE", "*"), PairRule("*/EUR", "*", "EUR"))
    assert rules.excluded_names == ("BTC/USD",)
    assert rules.by_rule


def test_names_alone_are_no_rule() -> None:
    """Nothing of the listing is watched then."""
    assert not PairRules.read(["BTC/USD", "XBTUSDT"]).by_rule


@pytest.mark.parametrize(
    "text", ["*USD", "BTC*", "**", "*/", "/*", "*/USD/EUR", "BTC/U*D", "*-USD"]
)
def test_what_is_no_rule_is_refused_with_the_right_forms(text: str) -> None:
    """A star stands for a whole currency, and a rule is one of three forms."""
    for parts in ([text], ["*", f"-{text}"]):
        with pytest.raises(ValueError, match=r"is no rule.*\*/USD or BTC/\*"):
            PairRules.read(parts)


def test_an_exclusion_needs_something_to_take_from() -> None:
    """Without a rule it is a mistake, and so is a lonely minus."""
    with pytest.raises(ValueError, match="leaves out a pair, but no rule brings any"):
        PairRules.read(["BTC/USD", "-ETH/USD"])
    with pytest.raises(ValueError, match="before nothing"):
        PairRules.read(["*", "-"])


@pytest.mark.parametrize(
    ("text", "fits"),
    [("*", "AB"), ("*/*", "AB"), ("*/usd", "A"), ("btc/*", "AB"), ("ETH/*", ""), ("*/GBP", "")],
)
def test_a_rule_fits_by_whole_currencies_in_any_case(text: str, fits: str) -> None:
    """A is BTC/USD, B is BTC/EUR."""
    pairs = {"A": ("BTC", "USD"), "B": ("BTC", "EUR")}
    rule = PairRule.read(text)
    assert "".join(name for name, pair in pairs.items() if rule.fits(*pair)) == fits
