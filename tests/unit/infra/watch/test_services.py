import pytest

from infra.replay import ReplayServer
from infra.watch.services import ask_all
from producer.settings import ProducerSettings
from schemas.settings import KafkaSettings, RegistrySettings

NOBODY = "127.0.0.1:1"


def test_one_missing_service_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is asked, and each failure is a sentence."""
    monkeypatch.setattr("schemas.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        broker, contract, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="BTC/USDT"),
        )
    assert not broker.is_ready
    assert f"no answer from Kafka at {NOBODY}" in broker.told
    assert not contract.is_ready
    assert NOBODY in contract.told
    assert str(exchange) == "ready    Kraken: online, knows BTC/USDT"


def test_a_pair_that_kraken_does_not_know_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is a mistake in KRAKEN_PAIR, and said before the stream starts."""
    monkeypatch.setattr("schemas.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        *_, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="NO/SUCH"),
        )
    assert not exchange.is_ready
    assert "NO/SUCH" in exchange.told
