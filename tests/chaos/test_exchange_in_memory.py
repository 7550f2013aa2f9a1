"""A minute of exchange faults with an in-memory Kafka: each shown trade is recorded once."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from infra.fake_kraken import ReplayServer
from producer.cli.accept_new_book import accept_new_book
from producer.kraken.pairs import canonical_symbol
from producer.settings import Settings
from runtime.shutdown import StopRequest
from tests.chaos.ground_truth import Row, compare, ids_of, real_holes
from tests.chaos.in_memory import TOPIC, MemoryKafka, RunningProducer, put_in_memory
from tests.chaos.market import (
    RELISTED,
    RELISTED_AS,
    Names,
    Trouble,
    market,
    names_of,
    troubles,
)
from tests.chaos.plan import Feed

SECONDS: Final = 60.0
SETTLED_WITHIN: Final = 120.0
SETTINGS: Final = {
    "KAFKA_TOPIC": TOPIC,
    "KRAKEN_CALL_INTERVAL_SECONDS": "0.1",
    "POLL_INTERVAL_SECONDS": "0.3",
    "GAP_CONFIRMATION_SECONDS": "12",
    "START_FROM": "beginning",
}


class Producers:
    """Two of four pairs each, on a Kafka of its own each.

    Args:
        kraken: Whom they ask.
        pairs: What each records.
        environment: Where their settings are set.
    """

    def __init__(
        self, kraken: ReplayServer, pairs: Mapping[str, str], environment: pytest.MonkeyPatch
    ) -> None:
        self._pairs = pairs
        self._environment = environment
        self._kraken = kraken
        self._symbols: dict[str, str] = {}
        self._feeds = dict(zip(pairs, Feed, strict=True))
        self.kafkas = {name: MemoryKafka() for name in pairs}
        put_in_memory(self.kafkas, environment)
        self._running = {name: self._start(name) for name in pairs}
        self.ended: list[str] = []

    def start_missing(self) -> None:
        """Restart the programs that have ended, and keep the reason."""
        for name, producer in self._running.items():
            if not producer.runs:
                self.ended.append(f"{name}: {producer.error!r}")
                self._running[name] = self._start(name)

    def restart(self, name: str, feed: Feed | None = None) -> None:
        """With the other feed, or with this one."""
        self._running[name].end()
        others = [one for one in Feed if one is not self._feeds[name]]
        self._feeds[name] = feed or others[0]
        self._running[name] = self._start(name)

    def accept(self, name: str, key: str, symbol: str) -> str:
        """Accept a new book once it is parked; return the symbols to record, none before that."""
        parked = self.kafkas[name].newest("pairs")
        if not any(one["new_book"] for one in parked):
            return ""
        said = accept_new_book(self._settings(name), StopRequest(), key, symbol) or ""
        self._symbols[name] = said.partition("SYMBOL=")[2].partition(" ")[0]
        return said

    def end(self) -> None:
        """Both."""
        for producer in self._running.values():
            producer.end()

    def _start(self, name: str) -> RunningProducer:
        return RunningProducer(self._settings(name))

    def _settings(self, name: str) -> Settings:
        settings = SETTINGS | {
            "KAFKA_BOOTSTRAP_SERVERS": name,
            "TRANSACTIONAL_ID": name,
            "KRAKEN_PAIR": self._pairs[name],
            "SYMBOL": self._symbols.get(name, ""),
            "KRAKEN_FEED": self._feeds[name],
            "KRAKEN_API_URL": self._kraken.url,
            "KRAKEN_WEBSOCKET_URL": self._kraken.websocket_url,
        }
        for key, value in settings.items():
            self._environment.setenv(key, value)
        return Settings.read()


@pytest.mark.timeout(600)
def test_whatever_the_exchange_does_each_trade_that_it_showed_is_recorded_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: str,
    report: Callable[[str], None],
) -> None:
    """By REST and WebSocket, with restarted producers; only real gaps are confirmed."""
    monkeypatch.chdir(tmp_path)
    tapes, plan = market(SECONDS), troubles(seed, SECONDS)
    print(f"to repeat this: CHAOS_SEED={seed}")  # noqa: T201  on failure
    names, keys = names_of(tapes), [tape.pair.rest_name for tape in tapes]
    with ReplayServer(tapes, keep_shown=True) as kraken:
        pairs = {"left": ",".join(keys[:4]), "right": ",".join(keys[4:])}
        producers = Producers(kraken, pairs, monkeypatch)
        try:
            _misbehave(kraken, producers, plan, random.Random(seed))
            holes = _settle(kraken, producers, names)
        finally:
            producers.end()
        found = compare(kraken, _recorded(producers), names)
        unreadable = {
            (canonical_symbol(trade.symbol), trade.trade_id)
            for key in keys
            for trade in kraken.shown.trades(key)
            if not trade.readable
        }
        letters = {one for kafka in producers.kafkas.values() for one in kafka.dead_letter_ids()}
        shown = sum(len(kraken.shown.trades(key)) for key in keys)
        real = real_holes(kraken, names)
    report(f"exchange in memory, seed {seed}: {shown:,} trades shown, {len(real)} real holes")
    assert producers.ended == []
    assert shown > len(keys) * SECONDS
    assert found.none, str(found)
    assert holes == real
    assert unreadable <= letters


def _misbehave(
    kraken: ReplayServer, producers: Producers, plan: Sequence[Trouble], chance: random.Random
) -> None:
    """Arm each fault at its time, and restart a producer about every ten seconds."""
    began = time.monotonic()
    restart_at = began + chance.uniform(5, 12)
    for one in [*plan, Trouble(SECONDS + 2.0, "the last trade has been made", ())]:
        while time.monotonic() < began + one.at:
            time.sleep(0.2)
            producers.start_missing()
            if time.monotonic() > restart_at:
                producers.restart(chance.choice(["left", "right"]))
                restart_at = time.monotonic() + chance.uniform(8, 15)
        print(one)  # noqa: T201  on failure
        kraken.plan.add(one.faults)


def _settle(kraken: ReplayServer, producers: Producers, names: Names) -> set[tuple[str, int]]:
    """Until nothing is asked for any more, and only real holes are left; the holes listed."""
    kraken.plan.clear()
    while not (symbols := producers.accept("right", RELISTED, RELISTED_AS)):
        time.sleep(2.0)
    print(symbols)  # noqa: T201  on failure
    for name in ("left", "right"):
        producers.restart(name, Feed.REST)
    deadline = time.monotonic() + SETTLED_WITHIN
    while True:
        time.sleep(2.0)
        producers.start_missing()
        gaps = [one for kafka in producers.kafkas.values() for one in kafka.newest("gaps")]
        found = ids_of(one for kafka in producers.kafkas.values() for one in kafka.newest("holes"))
        if (not gaps and found == real_holes(kraken, names)) or time.monotonic() > deadline:
            return found


def _recorded(producers: Producers) -> dict[str, list[tuple[int, Row]]]:
    found: dict[str, list[tuple[int, Row]]] = {}
    for kafka in producers.kafkas.values():
        for symbol, some in kafka.trades().items():
            found.setdefault(symbol, []).extend(some)
    return found
