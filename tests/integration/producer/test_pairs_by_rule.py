"""Pairs by rule: what Kraken lists and delists while the producer runs, by either feed."""

import json
import os
import signal
import subprocess
import sys

import pytest

from infra.fake_kraken import (
    DEFAULT_RECORDING,
    ReplayServer,
    load_recording,
    synthetic_tape,
    synthetic_tapes,
)
from infra.fake_kraken.market.listing import RenamedTape
from tests.integration.producer.conftest import Reader, StartProducer

RECORDING = load_recording(DEFAULT_RECORDING)
RATE = 20.0
RULES = {"KRAKEN_PAIR": "*/USD,-SYN3/*", "PAIRS_REFRESH_SECONDS": "1"}


def parked(environment: dict[str, str]) -> list[str]:
    """What `python -m producer pairs --json` prints, as symbols."""
    command = [sys.executable, "-m", "producer", "pairs", "--json"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [state["symbol"] for state in json.loads(ended.stdout)]


def kraken_with_four_pairs() -> ReplayServer:
    """SYN1 to SYN3 against USD and the recorded BTC/USDT; the synthetic ones trade on."""
    tapes = synthetic_tapes(RECORDING, count=10**6, pairs=3, rate=RATE, quote="USD")
    return ReplayServer([RECORDING, *tapes])


@pytest.mark.parametrize("feed", ["rest", "websocket"])
def test_a_new_listing_is_recorded_from_its_first_trade_and_a_delisting_parks_its_pair(
    start_producer: StartProducer,
    environment: dict[str, str],
    reader: Reader,
    topic: str,
    feed: str,
) -> None:
    """The other pairs are recorded on, and the delisted one is too when it is listed again."""
    with kraken_with_four_pairs() as kraken:
        producer = start_producer(
            KRAKEN_API_URL=kraken.url,
            KRAKEN_WEBSOCKET_URL=kraken.websocket_url,
            KRAKEN_FEED=feed,
            **RULES,
        )
        producer.wait_for("recorded")
        kraken.list_pair(synthetic_tape(RECORDING, "NEW", "USD", count=10**6, rate=RATE))
        kraken.list_pair(synthetic_tape(RECORDING, "NEW", "EUR", count=10**6, rate=RATE))
        producer.wait_for("pairs_listed")
        kraken.delist("SYN2/USD")
        producer.wait_for("pairs_delisted")
        assert parked({**os.environ, **environment}) == ["SYN2/USD"]
        recorded = len(producer.events("recorded"))
        producer.wait_for("recorded", recorded + 2)
        kraken.plan.clear()
        producer.wait_for("pairs_listed_again")
        producer.wait_for("pair_resumed")
        recorded = len(producer.events("recorded"))
        producer.wait_for("recorded", recorded + 2)
        assert producer.end(signal.SIGTERM) == 0
        assert parked({**os.environ, **environment}) == []
    (started,) = producer.events("started")
    assert (started["pairs"], started["rules"]) == (2, RULES["KRAKEN_PAIR"])
    assert [one["symbols"] for one in producer.events("pairs_listed")] == [["NEW/USD"]]
    by_symbol = reader.ids_by_symbol(topic, backfilled=False)
    assert set(by_symbol) == {"SYN1/USD", "SYN2/USD", "NEW/USD"}
    assert by_symbol["NEW/USD"][0] == 1
    for ids in by_symbol.values():
        assert ids == list(range(ids[0], ids[0] + len(ids)))


def test_a_new_listing_that_a_killed_producer_saw_begins_with_its_first_trade(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """Where it begins is in Kafka before anything of it is fetched; START_FROM does not count."""
    with kraken_with_four_pairs() as kraken:
        settings = {"KRAKEN_API_URL": kraken.url, "KRAKEN_CALL_INTERVAL_SECONDS": "0", **RULES}
        first = start_producer(**settings)
        first.wait_for("recorded")
        # All its trades are there at once: START_FROM=now would begin with the newest thousand.
        (tape,) = synthetic_tapes(RECORDING, count=3000, quote="USD", rate=None)
        kraken.list_pair(RenamedTape.of(tape, "NEW", "USD"))
        first.wait_for("pairs_listed")
        first.end(signal.SIGKILL)
        second = start_producer("--until-caught-up", **settings)
        assert second.end() == 0
    assert reader.ids_by_symbol(topic, backfilled=False)["NEW/USD"] == list(range(1, 3001))


def test_a_rule_that_matches_nothing_is_one_clear_line(start_producer: StartProducer) -> None:
    """The program does not start, and says what was meant."""
    with kraken_with_four_pairs() as kraken:
        producer = start_producer(KRAKEN_API_URL=kraken.url, KRAKEN_PAIR="*/USD,*/UDS")
        assert producer.end() == 1
    assert producer.output.splitlines()[-1] == (
        "producer: */UDS in KRAKEN_PAIR matches none of the 4 pairs of Kraken; did you mean "
        "USD or USDT for UDS?"
    )
