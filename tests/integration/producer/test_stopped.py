import signal

import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from tests.integration.producer.conftest import Reader, StartProducer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_producer_in_good_order(
    start_producer: StartProducer, reader: Reader, topic: str, number: signal.Signals
) -> None:
    """Exit status 0, between two transactions, and nothing left open."""
    producer = start_producer()
    producer.wait_for("recorded")
    assert producer.end(number) == 0
    assert len(producer.events("stopped")) == 1
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))


def test_a_signal_ends_a_producer_that_waits_for_kraken(start_producer: StartProducer) -> None:
    """Also before it has begun."""
    producer = start_producer(KRAKEN_API_URL="http://127.0.0.1:9")
    producer.wait_for("venue_failed", 2)
    assert producer.end(signal.SIGTERM) == 0


def test_a_second_producer_takes_over_from_the_first(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """The first one logs it and ends with an error; together they lose and double no trade."""
    tape = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, rate=100.0)
    with ReplayServer(tape) as kraken:
        same = {"KRAKEN_API_URL": kraken.url, "KRAKEN_PAIR": "SYN1/USDT"}
        first = start_producer(**same)
        first.wait_for("recorded", 2)
        second = start_producer(**same)
        assert first.end() == 1
        last_line = first.output.splitlines()[-1]
        assert f"another producer with transactional.id {topic}.producer took over" in last_line
        assert "Traceback" not in first.output
        second.wait_for("recorded", 3)
        assert second.end(signal.SIGTERM) == 0
    ids = reader.trade_ids(topic)
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert ids[-1] == second.events("recorded")[-1]["last_trade_id"]
