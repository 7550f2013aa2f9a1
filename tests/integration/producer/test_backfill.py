"""`kraken-lake backfill` on the real stack: exact, resumable, beside live recording."""

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

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

DYING_PRODUCER = Path(__file__).parent / "dying_producer.py"
COUNT = 45_000
"""Of each pair: more pages than can be asked for, at 0.1 s each, before the last kill."""
SYMBOLS = ["SYN1/USDT", "SYN2/USDT", "SYN3/USDT"]
HOLE = range(499, 504)
LACKED = 3 * 7
HOUR = ("--from", "2025-11-10T18:00:00Z", "--to", "2025-11-10T20:00:00+01:00")


def test_a_backfill_records_its_span_and_nothing_else(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """From the first time on, up to the second; given again, it adds nothing."""
    assert start_producer("backfill", "--pair", "XBTUSDT", *HOUR).end() == 0
    recorded = reader.ids_by_symbol(topic, backfilled=True)
    assert recorded == {"BTC/USDT": list(range(10218329, 10218507))}
    (cursor,) = reader.messages(f"{topic}.cursors")
    assert cursor.key() == b"backfill/BTC/USDT/2025-11-10T18:00:00Z/2025-11-10T19:00:00Z"
    assert start_producer("backfill", "--pair", "XBTUSDT", *HOUR).end() == 0
    assert len(reader.messages(f"{topic}.cursors")) == 1
    assert len(reader.messages(topic)) == 178


def test_live_recording_does_not_take_a_backfills_position(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """Neither its cursor nor the trades that it left are live recording's own."""
    assert start_producer("backfill", *HOUR).end() == 0
    live = start_producer("--until-caught-up", START_FROM="2025-11-10T19:00:00Z")
    assert live.end() == 0
    assert live.events("cursor_rebuilt") == []
    assert reader.ids_by_symbol(topic, backfilled=False) == {
        "BTC/USDT": list(range(10218507, 10219208))
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "yesterday"), "--from 'yesterday' is not beginning or a time with its zone"),
        (("--from", "beginning", "--to", "2026-01-30"), "--to '2026-01-30' is not a time"),
        (("--from", "2026-01-30T18:00:00Z", "--to", "2026-01-30T18:00:00Z"), "is not before"),
        (("--from", "beginning", "--pair", "NO/PAIR"), "no pair named 'NO/PAIR'"),
    ],
)
def test_a_mistake_in_the_command_is_one_line(
    start_producer: StartProducer, arguments: tuple[str, ...], message: str
) -> None:
    """It says what is wrong, and nothing has been done."""
    producer = start_producer("backfill", *arguments)
    assert producer.end() == 1
    (line,) = producer.output.splitlines()
    assert line.startswith("producer: ")
    assert message in line


@pytest.fixture
def troubled_history() -> Iterator[ReplayServer]:
    """Three pairs of synthetic trades behind a Kraken that fails now and then.

    One pair has a permanent gap, and pages that lack trades only the first time.
    """
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=COUNT, pairs=3)
    faults = [
        Fault(kind=FaultKind.HOLE, pair="SYN2USDT", trades=len(HOLE)),
        Fault(kind=FaultKind.JUMP, pair="SYN1USDT", trades=7, after=3, times=3),
        Fault(kind=FaultKind.CUT, after=9, times=2),
        Fault(kind=FaultKind.HTTP_520, after=20, times=2),
        Fault(kind=FaultKind.REPEAT, trades=20, after=30, times=3),
    ]
    with ReplayServer(tapes, faults=faults) as server:
        yield server


def test_a_backfill_killed_again_and_again_is_exact_beside_live_recording(
    start_producer: StartProducer, reader: Reader, troubled_history: ReplayServer, topic: str
) -> None:
    """Each of the two records every trade that Kraken has, once; the hole is confirmed once."""
    changed = {
        "KRAKEN_API_URL": troubled_history.url,
        "KRAKEN_PAIR": ",".join(SYMBOLS),
        "KRAKEN_CALL_INTERVAL_SECONDS": "0.1",
        "START_FROM": "beginning",
        "GAP_CONFIRMATION_SECONDS": "9",
    }
    live = start_producer(**changed)
    command = ("backfill", "--pair", "SYN1/USDT,SYN2/USDT", "--pair", "SYN3USDT")
    moments = random.Random(6)
    for _ in range(3):
        backfill = start_producer(*command, "--from", "beginning", **changed)
        backfill.wait_for("backfilling")
        # Any moment of some pages' ways: asked for, sent, committed.
        time.sleep(moments.uniform(0.2, 1.0))
        assert backfill.end(signal.SIGKILL) == -signal.SIGKILL
    last = start_producer(*command, "--from", "beginning", **changed)
    assert last.end() == 0, last.output
    assert {line["symbol"] for line in last.events("backfilled")} == set(SYMBOLS)
    assert 0 < sum(line["trades"] for line in last.events("backfilled")) < 3 * COUNT
    live.wait_until(
        lambda: (
            {e["symbol"] for e in live.events("recorded") if e.get("last_trade_id") == COUNT}
            == set(SYMBOLS)
        )
    )
    # Whoever asks last confirms it: live recording or a backfill, also one that was killed then.
    live.wait_until(lambda: bool(reader.messages(f"{topic}.holes")))
    assert live.end(signal.SIGTERM) == 0
    expected = {symbol: list(range(1, COUNT + 1)) for symbol in SYMBOLS}
    expected["SYN2/USDT"] = [one for one in expected["SYN2/USDT"] if one not in HOLE]
    # Trades that a page lacked are marked as a backfill's, whichever program fetches them.
    marked = reader.ids_by_symbol(topic, backfilled=True)
    unmarked = reader.ids_by_symbol(topic, backfilled=False)
    for symbol, every in expected.items():
        assert sorted(set(marked[symbol])) == every
        assert unmarked[symbol] == sorted(set(unmarked[symbol]))
        assert len(every) - len(unmarked[symbol]) <= LACKED
    assert {record.key() for record in reader.messages(f"{topic}.holes")} == {b"SYN2/USDT/499-503"}
    _the_hole_is_shown(start_producer)


def _the_hole_is_shown(start_producer: StartProducer) -> None:
    """As a table and as JSON."""
    shown = start_producer("holes", "--json")
    assert shown.end() == 0
    (hole,) = json.loads(shown.printed)
    assert (hole["symbol"], hole["first_trade_id"], hole["last_trade_id"]) == (
        "SYN2/USDT",
        499,
        503,
    )
    table = start_producer("holes")
    assert table.end() == 0
    assert "SYN2/USDT" in table.printed


def test_a_stopped_backfill_says_how_to_go_on(
    start_producer: StartProducer, reader: Reader, troubled_history: ReplayServer, topic: str
) -> None:
    """The page at hand is written whole; the exit status says that it is not the end."""
    changed = {"KRAKEN_API_URL": troubled_history.url, "KRAKEN_CALL_INTERVAL_SECONDS": "1"}
    command = ("backfill", "--pair", "SYN3USDT", "--from", "beginning")
    backfill = start_producer(*command, **changed)
    backfill.wait_for("backfilling")
    assert backfill.end(signal.SIGTERM) == 1
    assert "the same command continues from here" in backfill.output
    assert len(reader.messages(topic)) % 1000 == 0


def test_no_holes_without_a_topic(start_producer: StartProducer, topic: str) -> None:
    """Where no producer has created it yet, no hole is confirmed."""
    shown = start_producer("holes", "--json", KAFKA_TOPIC=f"{topic}.other")
    assert shown.end() == 0, shown.output
    assert json.loads(shown.printed) == []


def test_live_recording_starts_behind_a_killed_backfill(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """Its open transaction could hide a cursor: the start waits until Kafka has ended it."""
    killed = start_producer(
        "backfill",
        "--from",
        "beginning",
        script=DYING_PRODUCER,
        DIE_AT="flush",
        DIE_WHEN="after",
        DIE_ON_CALL="1",
        KAFKA_TIMEOUT_SECONDS="3",
    )
    assert killed.end() == -signal.SIGKILL
    live = start_producer("--until-caught-up", KAFKA_TIMEOUT_SECONDS="3")
    assert live.end() == 0, live.output
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))
