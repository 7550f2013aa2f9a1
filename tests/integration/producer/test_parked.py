"""Pairs that Kraken does not know, while other pairs are recorded, by either feed."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime

import pytest

from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    ReplayServer,
    load_recording,
    synthetic_tapes,
)
from tests.integration.producer.conftest import Reader, StartProducer

RATE = 20.0


def parked(environment: dict[str, str]) -> list[str]:
    """What `kraken-lake pairs --json` prints, as symbols."""
    command = [sys.executable, "-m", "producer", "pairs", "--json"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [state["symbol"] for state in json.loads(ended.stdout)]


def ids_of(reader: Reader, topic: str) -> dict[str, list[int]]:
    """The recorded ids of each pair, whoever fetched them, ascending."""
    found: dict[str, list[int]] = {}
    for trade in reader.values(topic):
        found.setdefault(trade["symbol"], []).append(trade["trade_id"])
    return {symbol: sorted(ids) for symbol, ids in found.items()}


def without_gaps(reader: Reader, topic: str) -> bool:
    """Whether each pair's ids are a single range."""
    return all(len(ids) == ids[-1] - ids[0] + 1 for ids in ids_of(reader, topic).values())


@pytest.mark.parametrize("feed", ["rest", "websocket"])
def test_a_delisted_pair_stops_no_other_and_resumes_by_itself(
    start_producer: StartProducer,
    environment: dict[str, str],
    reader: Reader,
    topic: str,
    feed: str,
) -> None:
    """One that is gone at the start, and one that goes while it is recorded."""
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=10**6, pairs=3, rate=RATE)
    gone = Fault(kind=FaultKind.DELISTED, pair="SYN2/USDT", times="always")
    with ReplayServer(tapes, faults=[gone]) as kraken:
        producer = start_producer(
            KRAKEN_API_URL=kraken.url,
            KRAKEN_WEBSOCKET_URL=kraken.websocket_url,
            KRAKEN_PAIR="SYN1/USDT,SYN2/USDT,SYN3/USDT",
            KRAKEN_FEED=feed,
        )
        producer.wait_for("recorded")
        kraken.plan.add([Fault(kind=FaultKind.DELISTED, pair="SYN3/USDT", times="always")])
        if feed == "websocket":  # the subscription of a delisted pair ends, too
            kraken.plan.add([Fault(kind=FaultKind.CLOSE, code=1012)])
        # SYN2 is parked again with another reason, once SYN3 is no name to suggest any more.
        while {event["symbol"] for event in producer.events("pair_parked")} == {"SYN2/USDT"}:
            producer.wait_for("pair_parked", len(producer.events("pair_parked")) + 1)
        assert parked({**os.environ, **environment}) == ["SYN2/USDT", "SYN3/USDT"]
        events = producer.events("pair_parked")
        assert {event["symbol"] for event in events} == {"SYN2/USDT", "SYN3/USDT"}
        assert all(event["advice"] and event["reason"] for event in events)
        producer.wait_for("pair_still_parked")
        kraken.plan.clear()
        producer.wait_for("pair_resumed", 2)
        recorded = len(producer.events("recorded"))
        producer.wait_for("recorded", recorded + 2)
        # If the feed is back long before REST is asked again, trades between are an open gap.
        producer.wait_until(lambda: without_gaps(reader, topic))
        assert producer.end(signal.SIGTERM) == 0
        assert parked({**os.environ, **environment}) == []
    parked_at, resumed_at = (
        datetime.fromisoformat(producer.events(name)[0]["timestamp"])
        for name in ("pair_parked", "pair_resumed")
    )
    meanwhile = [
        trade
        for trade in reader.values(topic)
        if trade["symbol"] == "SYN1/USDT" and parked_at < trade["executed_at"] < resumed_at
    ]
    assert len(meanwhile) > 0.9 * RATE * (resumed_at - parked_at).total_seconds()
    by_symbol = ids_of(reader, topic)
    assert set(by_symbol) == {"SYN1/USDT", "SYN2/USDT", "SYN3/USDT"}
    for ids in by_symbol.values():
        assert ids == list(range(ids[0], ids[0] + len(ids)))
