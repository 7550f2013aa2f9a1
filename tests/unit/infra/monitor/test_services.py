from datetime import UTC, datetime

import pytest

from infra.fake_kraken import ReplayServer
from infra.monitor import services
from infra.monitor.services import ask_all
from producer.model.pair_state import PairState
from producer.settings import ProducerSettings
from runtime.settings import KafkaSettings, RegistrySettings

NOBODY = "127.0.0.1:1"


def test_one_missing_service_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is asked, and each failure is a sentence."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        broker, contract, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="BTC/USDT"),
        )
    assert not broker.is_ready
    assert f"no answer from Kafka at {NOBODY}" in broker.answer
    assert not contract.is_ready
    assert NOBODY in contract.answer
    assert str(exchange) == "ready    Kraken: online, knows BTC/USDT"


def test_rules_are_asked_for_as_the_producer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs that they bring are named, and one that matches nothing is a mistake."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        for rules, answer in (
            ("*/USDT", "ready    Kraken: online, knows BTC/USDT"),
            (
                "*/USD",
                "MISSING  Kraken: */USD in KRAKEN_PAIR matches none of the 1 pairs",
            ),
        ):
            *_, exchange = ask_all(
                KafkaSettings(bootstrap_servers=NOBODY),
                RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
                ProducerSettings(kraken_api_url=kraken.url, kraken_pair=rules),
            )
            assert str(exchange).startswith(answer)


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        ("TETHER/BTC", "ready    Kraken: online, knows TETHER/BTC"),
        ("ONE/USD, TWO/USD", "MISSING  Kraken: SYMBOL holds 2 labels (ONE/USD, TWO/USD)"),
    ],
)
def test_pairs_are_named_as_the_producer_records_them(
    monkeypatch: pytest.MonkeyPatch, labels: str, answer: str
) -> None:
    """By SYMBOL, and labels that the producer would refuse are a mistake here, too."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        *_, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="BTC/USDT", symbol=labels),
        )
    assert str(exchange).startswith(answer)


def test_a_pair_that_kraken_does_not_know_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is a mistake in KRAKEN_PAIR, and said before the stream starts."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        *_, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="NO/SUCH"),
        )
    assert not exchange.is_ready
    assert "NO/SUCH" in exchange.answer


def test_one_pair_that_kraken_does_not_know_is_no_reason_not_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are recorded; what it is called is said."""
    monkeypatch.setattr("runtime.topic_state._ANSWER_WITHIN", 0.5)
    with ReplayServer() as kraken:
        *_, exchange = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="NO/SUCH, BTC/USDT"),
        )
    assert exchange.is_ready
    assert "knows BTC/USDT" in exchange.answer
    assert "NO/SUCH" in exchange.answer


def test_parked_pairs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason and what to do, where there is a broker that knows of them."""
    state = PairState(
        exchange="KRAKEN",
        symbol="LUNA/USD",
        reason="Kraken knows it no more",
        advice="take it out",
        parked_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    monkeypatch.setattr(services, "_broker", lambda _: "there")
    monkeypatch.setattr(services, "parked_pairs", lambda _: [state])
    with ReplayServer() as kraken:
        *_, pairs = ask_all(
            KafkaSettings(bootstrap_servers=NOBODY),
            RegistrySettings(url=f"http://{NOBODY}", timeout_seconds=0.5),
            ProducerSettings(kraken_api_url=kraken.url, kraken_pair="BTC/USDT"),
        )
    assert str(pairs).startswith("ready    pairs: WARNING: LUNA/USD is parked since 2026-11-24")
    assert "take it out" in pairs.answer
