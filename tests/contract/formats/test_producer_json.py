"""What the producer's commands print with `--json`: `lake verify` and others read it."""

import io
import json
from typing import Any

import pytest

from infra.fake_kraken import ReplayServer
from tests.confluent_registry.server import serve_registry
from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import read
from tests.contract.formats.kafka import Kafka

HELD = {
    "holes": ("kraken.trades.holes", b"BTC/USD/6-6"),
    "gaps": ("kraken.trades.gaps", b"BTC/USD/8-9"),
    "pairs": ("kraken.trades.pairs", b"LUNA/USD"),
}
"""Commands that show what a compacted topic holds, with a key in it."""

OF_EARLIER_VERSIONS = {
    "holes": {"near": "", "asked": 0, "ask_at": None},
    "gaps": {"near": "", "asked": 0, "ask_at": None},
    "pairs": {"status": "parked", "producer": "", "new_book": False},
}
"""Fields that records once lacked, and what is printed for them then."""


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    """A Kafka without records."""
    broker = Kafka()
    broker.stand_in(monkeypatch)
    return broker


def answer(run: Run, *arguments: str, **settings: str) -> Any:
    """What `python -m producer` prints as JSON."""
    ended = run("producer", *arguments, **settings)
    assert ended.status == 0, ended.err
    return json.loads(ended.out)


@pytest.mark.parametrize("command", HELD)
def test_what_kafka_holds_is_shown_as_it_is(run: Run, kafka: Kafka, command: str) -> None:
    """An array with an object a record; one that lacks fields of later versions has defaults."""
    topic, key = HELD[command]
    (record,) = read(f"answers/{command}.json")
    kafka.hold(topic, key, record)
    assert answer(run, command, "--json") == [record]
    lacking = OF_EARLIER_VERSIONS[command]
    kafka.hold(topic, key, {name: record[name] for name in record.keys() - lacking.keys()})
    assert answer(run, command, "--json") == [{**record, **lacking}]


def test_dead_letters_are_shown_with_their_headers(run: Run, kafka: Kafka) -> None:
    """An array with an object a row: its value as text, its time in Kafka."""
    kafka.hold(
        "kraken.trades.dead-letter",
        b"BTC/USD",
        ["105433.6", "ü"],
        headers={
            "reason": "six fields",
            "exchange": "KRAKEN",
            "symbol": "BTC/USD",
            "trade_id": "3",
        },
        timestamp=1_769_796_000_123,
    )
    assert answer(run, "dead-letters", "--json") == read("answers/dead-letters.json")


def test_candles_are_shown_with_every_digit(run: Run) -> None:
    """An array of candles; by pair an array of answers, each with candles or why there are none."""
    with ReplayServer() as kraken:
        settings = {"KRAKEN_API_URL": kraken.url, "KRAKEN_CALL_INTERVAL_SECONDS": "0"}
        candles = answer(run, "candles", "--json", "--pair", "BTC/USDT", **settings)
        pairs = ("--pair", "BTC/USDT,NO/SUCH")
        answers = answer(run, "candles", "--json", "--by-pair", *pairs, **settings)
    assert candles[1] == {
        "symbol": "BTC/USDT",
        "start": "2025-11-10T17:24:00+00:00",
        "open": "105410.1",
        "high": "105410.1",
        "low": "105351.1",
        "close": "105351.1",
        "volume": "0.00955370",
        "count": 5,
    }
    known, unknown = read("answers/candles.json")
    assert answers[0] == {**known, "asked": "BTC/USDT", "symbol": "BTC/USDT", "candles": candles}
    assert answers[1] == {**unknown, "asked": "NO/SUCH", "unknown": answers[1]["unknown"]}
    assert answers[1]["unknown"]


def test_values_are_decoded_line_by_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hexadecimal in, an array out: symbol and id of each, null for what is no trade."""
    trade = "0c4b52414b454e0e4254432f555344080200062a2704000200c0debdded7e7a406c0debdded7e7a40604"
    with serve_registry() as registry:
        assert run("schemas", "register", SCHEMA_REGISTRY_URL=registry.url).status == 0
        monkeypatch.setattr("sys.stdin", io.StringIO(f"0000000002{trade}\n00\n"))
        found = answer(run, "decode", SCHEMA_REGISTRY_URL=registry.url)
    assert found == [*read("answers/decode.json"), None]
