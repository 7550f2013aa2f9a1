import json
from pathlib import Path

import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer
from producer.cli.candle_answers import CandleAnswer, all_candles, answers_by_pair
from producer.cli.candles_table import as_json_by_pair
from producer.errors import SettingsUnusable
from producer.model.venue_errors import UnknownPair
from producer.settings import ProducerSettings

LABELLED = {"kraken_pair": "XBT/USDT", "symbol": "MY_COIN"}


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ignore the developer's `.env`."""
    monkeypatch.chdir(tmp_path)


def answers(names: str, *faults: Fault, **settings: str) -> list[CandleAnswer]:
    """The answers for these pairs of a Kraken that has only BTC/USDT."""
    with ReplayServer(faults=faults) as kraken:
        own = ProducerSettings(
            kraken_api_url=kraken.url, kraken_call_interval_seconds=0, **settings
        )
        return list(answers_by_pair(own, names))


def test_a_pair_unknown_to_kraken_keeps_no_other_from_its_candles() -> None:
    """It has its own answer, in Kraken's words, among the others."""
    first, good, last = answers("OLD/USD,BTC/USDT,NO/SUCH")
    assert "Kraken trades no pair named 'OLD/USD'" in str(first.unknown)
    assert "Kraken trades no pair named 'NO/SUCH'" in str(last.unknown)
    assert (first.symbol, first.candles, first.error) == (None, None, None)
    assert (good.asked, good.symbol, len(good.candles or ())) == ("BTC/USDT", "BTC/USDT", 409)


def test_what_kraken_refuses_for_one_pair_is_an_error_of_that_pair() -> None:
    """No answer, which another time may bring."""
    refused = Fault(
        kind=FaultKind.ERROR, endpoint="OHLC", message="EGeneral:Permission denied", times="always"
    )
    (answer, unknown) = answers("BTC/USDT,OLD/USD", refused)
    assert "Permission denied" in str(answer.error)
    assert (answer.unknown, answer.candles, unknown.error) == (None, None, None)


def test_a_pair_that_only_its_candles_do_not_know_is_unknown() -> None:
    """AssetPairs still lists it, but Kraken refuses the request."""
    gone = Fault(
        kind=FaultKind.ERROR, endpoint="OHLC", message="EQuery:Unknown asset pair", times="always"
    )
    (answer,) = answers("BTC/USDT", gone)
    assert "Unknown asset pair" in str(answer.unknown)


def test_names_that_mean_one_pair_are_answered_each() -> None:
    """A lake may hold a pair under its symbol and under an earlier label."""
    label, symbol, alias = answers("MY/COIN,BTC/USDT,XBTUSDT", **LABELLED)
    assert [one.asked for one in (label, symbol, alias)] == ["MY/COIN", "BTC/USDT", "XBTUSDT"]
    assert [one.symbol for one in (label, symbol, alias)] == ["MY/COIN", "BTC/USDT", "BTC/USDT"]
    assert {candle.symbol for candle in label.candles or ()} == {"MY/COIN"}


def test_all_candles_end_with_the_first_pair_that_has_none() -> None:
    """A caller that asks for candles alone wants those of every pair."""
    with ReplayServer() as kraken:
        own = ProducerSettings(kraken_api_url=kraken.url, kraken_call_interval_seconds=0)
        assert len(all_candles(own, "BTC/USDT")) == 409
        with pytest.raises(UnknownPair, match="NO/SUCH"):
            all_candles(own, "BTC/USDT,NO/SUCH")


def test_the_json_says_which_of_three_it_is() -> None:
    """An object a pair, candles as in the plain list."""
    good, bad = json.loads(as_json_by_pair(answers("BTC/USDT,NO/SUCH")))
    assert (good["asked"], good["unknown"], good["error"]) == ("BTC/USDT", None, None)
    assert good["candles"][0]["open"] == "105433.6"
    assert (bad["asked"], bad["symbol"], bad["candles"], bad["error"]) == (
        "NO/SUCH",
        None,
        None,
        None,
    )
    assert bad["unknown"].startswith("Kraken trades no pair named 'NO/SUCH'")


def test_rules_bring_their_pairs_candles() -> None:
    """Those of KRAKEN_PAIR without names, and those that are asked for; labels keep their names."""
    assert [one.symbol for one in answers("", kraken_pair="*")] == ["BTC/USDT"]
    assert [one.symbol for one in answers("*/USDT", **LABELLED)] == ["BTC/USDT"]
    mixed = answers("", kraken_pair="*,XBT/USDT", symbol="MY_COIN")
    assert [one.symbol for one in mixed] == ["MY/COIN"]
    with pytest.raises(SettingsUnusable, match=r"\*/USD in KRAKEN_PAIR matches none"):
        answers("*/USD")
    with pytest.raises(SettingsUnusable, match=r"'\*USD' is no rule"):
        answers("*USD")
