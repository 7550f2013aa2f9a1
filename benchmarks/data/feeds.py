"""The sources of live trades: directly into Kafka, or by our producer from a stand-in."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks NewTopic
    AdminClient,
    NewTopic,
)

from benchmarks.data.direct_feed import FeedJob
from benchmarks.data.topics import register
from benchmarks.run.environment import ROOT, Environment
from benchmarks.run.processes import ProgramFailed, Running, running

__all__ = ["FEEDS", "Feed", "make_topic", "stand_in_addresses"]

Feed = Callable[[Environment, str, int, int], AbstractContextManager[list[Running]]]
"""Sends trades to a topic while its block runs, at a rate a second of a number of pairs in all.

It yields its programs, ours first.
"""

_PARTITIONS: Final = 4
"""As the producer makes a topic of its own."""
_HOURS: Final = 2
_SKEW: Final = 1.0
"""Zipf's law: of 1,400 pairs the first has 13 % of all trades, the last half of them 9 %."""
_STARTED_WITHIN: Final = 60.0


def make_topic(bench: Environment, topic: str) -> None:
    """Create an empty topic and register its schemas."""
    register(bench.registry, topic, mixed=False)
    admin = AdminClient({"bootstrap.servers": bench.stack.bootstrap_servers})
    admin.create_topics([NewTopic(topic, _PARTITIONS, 1)])[topic].result()


@contextmanager
def _direct(bench: Environment, topic: str, rate: int, pairs: int) -> Iterator[list[Running]]:
    """Ready trades in a transaction every 50 ms."""
    ((schema_id, schema),) = register(bench.registry, topic, mixed=False).items()
    servers = bench.stack.bootstrap_servers
    job = FeedJob(servers, topic, _PARTITIONS, float(rate), pairs, schema_id, schema)
    command = [sys.executable, "-m", "benchmarks.data.direct_feed", job.as_argument()]
    with running("feed", command, bench.fresh_folder("feed"), bench.environment()) as program:
        yield [program]


@contextmanager
def _produced(  # noqa: PLR0913  what distinguishes the producer's feeds
    kind: str, bench: Environment, topic: str, rate: int, pairs: int, *, is_market: bool = False
) -> Iterator[list[Running]]:
    """The producer, as a user starts it, with the stand-in for Kraken behind it.

    Args:
        kind: The producer's feed.
        bench: The environment.
        topic: Where it writes.
        rate: Trades a second, of all pairs together.
        pairs: Number of pairs.
        is_market: Whether a few pairs have most of the trades, and all are recorded by the rule
            for all pairs; else they have equal shares, and are named.
    """
    folder, each = bench.fresh_folder("feed"), rate / pairs
    synthetic = ["--synthetic", str(int(each * _HOURS * 3600)), "--pairs", str(pairs)]
    skew = ["--skew", str(_SKEW)] if is_market else []
    replay = [sys.executable, "-m", "infra.fake_kraken", *synthetic, "--rate", str(each), *skew]
    named = ",".join(f"SYN{at}/USDT" for at in range(1, pairs + 1))
    ours = replace(bench, checkout=ROOT).environment()
    with running("kraken", replay, folder, ours) as kraken:
        addresses = stand_in_addresses(kraken)
        if kind == "websocket" and "KRAKEN_WEBSOCKET_URL" not in addresses:
            raise ProgramFailed("the stand-in for Kraken has no WebSocket")
        environment = {
            **bench.environment(),
            **addresses,
            "KAFKA_TOPIC": topic,
            "KRAKEN_FEED": kind,
            "KRAKEN_PAIR": "*" if is_market else named,
        }
        produce = [str(bench.python), "-m", "producer"]
        with running("producer", produce, folder, environment) as producer:
            yield [producer, kraken]


def stand_in_addresses(kraken: Running) -> Mapping[str, str]:
    """Return what the stand-in prints for the producer, once it listens."""
    deadline = time.monotonic() + _STARTED_WITHIN
    while time.monotonic() < deadline and not kraken.has_ended():
        lines = kraken.log.read_text(encoding="utf-8").splitlines()
        addresses = dict(line.split("=", 1) for line in lines if line.startswith("KRAKEN_"))
        if addresses:
            return addresses
        time.sleep(0.1)
    raise ProgramFailed(kraken.obituary("did not start"))


FEEDS: Final[Mapping[str, Feed]] = {
    "direct": _direct,
    "rest": partial(_produced, "rest"),
    "websocket": partial(_produced, "websocket"),
    "market": partial(_produced, "websocket", is_market=True),
}
"""By their names in the results."""
