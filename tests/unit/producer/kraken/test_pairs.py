import json
from collections.abc import Mapping, Sequence

import pytest

from producer.kraken.pairs import CANONICAL_CODES, KrakenPair, canonical_symbol
from producer.kraken.rest.envelope import open_envelope
from producer.kraken.rest.listing import read_listing, required
from producer.model.venue_errors import AnswerMalformed, PairRepeated, UnknownPair

# Names as Kraken gives them; the recorded answer holds one pair alone.
NAMES = {
    "XXBTZUSD": ("XBTUSD", "XBT/USD"),
    "XBTUSDT": ("XBTUSDT", "XBT/USDT"),
    "XETHZUSD": ("ETHUSD", "ETH/USD"),
    "XDGUSD": ("XDGUSD", "XDG/USD"),
    "SOLUSD": ("SOLUSD", "SOL/USD"),
}
BTC_USD = KrakenPair("XXBTZUSD", "XBT/USD", "XBTUSD", "BTC/USD")


def body_of(names: Mapping[str, tuple[str, str]]) -> str:
    """An AssetPairs answer with these altnames and wsnames, and a key that we do not know."""
    return json.dumps(
        {
            "error": [],
            "result": {
                key: {"altname": altname, "wsname": wsname, "new_key": [1]}
                for key, (altname, wsname) in names.items()
            },
        }
    )


def resolve(body: bytes | str, names: Sequence[str]) -> list[KrakenPair]:
    """The pairs of these names in an AssetPairs answer."""
    return required(read_listing(open_envelope(body, asked="AssetPairs")).find(names))


def test_the_recorded_pair_is_resolved(asset_pairs_body: bytes, pair: KrakenPair) -> None:
    """Kraken's own answer gives all four names."""
    assert resolve(asset_pairs_body, ["BTC/USDT"]) == [pair]


@pytest.mark.parametrize(
    "name", ["BTC/USD", "XBT/USD", "XBTUSD", "BTCUSD", "XXBTZUSD", "btc/usd", "xbtusd"]
)
def test_every_spelling_means_the_same_pair(name: str) -> None:
    """Canonical, wsname, altname, key, with or without the slash, in capitals or not."""
    assert resolve(body_of(NAMES), [name]) == [BTC_USD]


def test_pairs_come_in_the_order_asked_for() -> None:
    """Labels are given to pairs by position, so the order matters."""
    pairs = resolve(body_of(NAMES), ["SOL/USD", "DOGE/USD", "ETH/USD"])
    assert [pair.symbol for pair in pairs] == ["SOL/USD", "DOGE/USD", "ETH/USD"]
    assert [pair.key for pair in pairs] == ["SOLUSD", "XDGUSD", "XETHZUSD"]


@pytest.mark.parametrize(
    ("wsname", "symbol"),
    [("XBT/USD", "BTC/USD"), ("XDG/XBT", "DOGE/BTC"), ("ETH/USD", "ETH/USD"), ("XBTX/A", "XBTX/A")],
)
def test_only_the_table_renames_currencies(wsname: str, symbol: str) -> None:
    """Only whole codes are renamed, on either side of the slash."""
    assert canonical_symbol(wsname) == symbol
    assert dict(CANONICAL_CODES) == {"XBT": "BTC", "XDG": "DOGE"}


@pytest.mark.parametrize("names", [["BTC/USD", "BTC/USD"], ["BTC/USD", "XBTUSD"]])
def test_a_pair_given_twice_is_an_error(names: list[str]) -> None:
    """Merging would shift the labels of the pairs behind it."""
    with pytest.raises(PairRepeated, match=f"'{names[0]}' and '{names[1]}' .* BTC/USD"):
        resolve(body_of(NAMES), names)


def test_an_unknown_pair_is_named_with_close_ones() -> None:
    """A typing error gets the symbol that was probably meant."""
    with pytest.raises(UnknownPair, match=r"'BTC/UDS'; did you mean .*BTC/USD.*KRAKEN_PAIR"):
        resolve(body_of(NAMES), ["ETH/USD", "BTC/UDS"])


@pytest.mark.parametrize("name", ["", "WWWWWWWW"])
def test_a_pair_like_no_other_gets_the_form(name: str) -> None:
    """With nothing close, the message shows how to write a pair."""
    with pytest.raises(UnknownPair, match=f"'{name}'; write it as in BTC/USD"):
        resolve(body_of(NAMES), [name])


def test_krakens_own_name_wins_over_a_canonical_one() -> None:
    """Where one pair's name is another's canonical spelling, Kraken's name decides."""
    names = {"BTCUSD": ("BTCUSD", "NEW/USD"), "XXBTZUSD": ("XBTUSD", "XBT/USD")}
    (pair,) = resolve(body_of(names), ["BTCUSD"])
    assert pair.key == "BTCUSD"


def test_entries_without_a_wsname_are_refused_with_a_true_sentence() -> None:
    """Dark-pool pairs have none: Kraken trades them, and they do not keep the others away."""
    body = json.loads(body_of(NAMES))
    body["result"] |= {"ETHXBT.d": {"altname": "ETHXBT.d"}, "odd": None}
    assert resolve(json.dumps(body), ["BTC/USD"]) == [BTC_USD]
    for name in ("ETHXBT.d", "ethxbt.D"):
        with pytest.raises(UnknownPair, match=r"no name on its feed.*dark pools.*KRAKEN_PAIR"):
            resolve(json.dumps(body), [name])


def test_a_name_of_two_pairs_is_ambiguous_and_a_key_is_not() -> None:
    """Their keys are named, and each of them means its own pair."""
    twins = {**NAMES, "XBTUSD2": ("XBTUSD", "XBT/USD"), "XBTUSD": ("XBTUSD.1", "XBT1/USD")}
    for name in ("XBT/USD", "BTC/USD", "BTCUSD", "xbt/usd"):
        with pytest.raises(UnknownPair, match=r"2 pairs .*XXBTZUSD and XBTUSD2: write the one"):
            resolve(body_of(twins), [name])
    for key in ("XXBTZUSD", "XBTUSD2", "XBTUSD"):
        (pair,) = resolve(body_of(twins), [key])
        assert pair.key == key


def test_a_name_in_its_own_letters_wins_over_one_in_capitals() -> None:
    """Tokenized shares differ from coins by the case of a letter."""
    names = {"AAPLxUSD": ("AAPLxUSD", "AAPLx/USD"), "AAPLXUSD": ("AAPLXUSD", "AAPLX/USD")}
    for name in ("AAPLx/USD", "AAPLX/USD"):
        (pair,) = resolve(body_of(names), [name])
        assert pair.symbol == name


def test_a_body_that_is_no_answer_is_malformed() -> None:
    """The same errors as for every other call."""
    with pytest.raises(AnswerMalformed, match="AssetPairs"):
        resolve(b"<html>", ["BTC/USD"])
