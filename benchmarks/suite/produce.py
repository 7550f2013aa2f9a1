"""Kraken's answers to acknowledged records: the platform's producer beside four others."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks NewTopic
    AdminClient,
    NewTopic,
)

from benchmarks.data.pages import kraken_answers
from benchmarks.producers import aiokafka_fastavro, documented, ours, ready_bytes
from benchmarks.producers.work import Producing, Work
from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry

__all__ = ["TITLES", "Figures", "ProducedTooFew", "measure"]

Figures = Mapping[str, tuple[float, ...]]
"""What was measured, by flat names, a value for each round."""

_PARTITIONS: Final = 4
_SLOW_GET: Final = 0.2
"""The part of the records that those are given who take ten times as long for each."""
_PATIENCE: Final = 30.0


class ProducedTooFew(Exception):
    """A producer came to its end, and Kafka had not acknowledged all records."""


@dataclass(frozen=True)
class Candidate:
    """One way to produce.

    Attributes:
        name: In the figures.
        title: In plots.
        prepare: Connects, and makes ready what is not to be measured.
        part: Of the records that it is given.
    """

    name: str
    title: str
    prepare: Callable[[Work], Producing]
    part: float = 1.0


_CANDIDATES: Final = (
    Candidate("ready_bytes", "ready bytes (the limit)", ready_bytes.prepare),
    Candidate(
        "ready_bytes_unreported", "ready bytes, nothing reported", ready_bytes.prepare_unreported
    ),
    Candidate("ours", "kraken-lake", ours.prepare),
    Candidate("documented", "AvroSerializer as documented", documented.prepare, _SLOW_GET),
    Candidate("aiokafka", "aiokafka with fastavro", aiokafka_fastavro.prepare, _SLOW_GET),
)
TITLES: Final[Mapping[str, str]] = {one.name: one.title for one in _CANDIDATES}
"""Of the producers, by their names in the figures."""


def measure(rounds: int, records: int, bootstrap: str, registry: str) -> Figures:
    """Let all produce, one after the other, and then again.

    Args:
        rounds: How often.
        records: How many each produces, those that are slow a fifth of them.
        bootstrap: Kafka's bootstrap servers; topics are made there, and deleted.
        registry: The URL of the schema registry.

    Returns:
        `produce.NAME.records_per_s` and `produce.NAME.cpu_s_per_million` of each, and ours by
        others': `produce.vs_documented`, `produce.vs_aiokafka`, `produce.vs_raw` where each
        acknowledgement is reported, `produce.vs_raw_unreported` where none is.

    Raises:
        ProducedTooFew: One of them lost records.
    """
    figures: dict[str, tuple[float, ...]] = {}
    for number in range(rounds):
        for candidate in _CANDIDATES:
            topic = f"bench.produce.{candidate.name}.{time.time_ns()}.{number}"
            with_topic = Work(
                kraken_answers(int(records * candidate.part)), topic, bootstrap, registry
            )
            for figure, value in _run(candidate, with_topic).items():
                name = f"produce.{candidate.name}.{figure}"
                figures[name] = (*figures.get(name, ()), value)
    return figures | {
        "produce.vs_documented": _by(figures, "documented"),
        "produce.vs_raw": _by(figures, "ready_bytes"),
        "produce.vs_raw_unreported": _by(figures, "ready_bytes_unreported"),
        "produce.vs_aiokafka": _by(figures, "aiokafka"),
    }


def _run(candidate: Candidate, work: Work) -> dict[str, float]:
    """Return one producer's run on a topic of its own."""
    admin = AdminClient({"bootstrap.servers": work.bootstrap_servers})
    _make_ready(admin, work)
    try:
        produce = candidate.prepare(work)
        began, cpu_began = time.perf_counter(), time.process_time()
        acknowledged = produce()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    finally:
        _clear_away(admin, work)
    expected = sum(answer.trades for turn in work.turns for answer in turn)
    if acknowledged < expected:
        raise ProducedTooFew(f"{candidate.name}: {acknowledged:,} of {expected:,} records")
    return {
        "records_per_s": acknowledged / seconds,
        "cpu_s_per_million": cpu / acknowledged * 1e6,
    }


def _make_ready(admin: AdminClient, work: Work) -> None:
    """Create the topic, and registers what is written to it and beside it."""
    topic = NewTopic(work.topic, num_partitions=_PARTITIONS, replication_factor=1)
    for future in admin.create_topics([topic]).values():
        future.result(_PATIENCE)
    registry = Registry(RegistrySettings(url=work.registry_url))
    for subject, contract in load_catalogue().subjects(work.topic).items():
        registry.register(subject, contract.newest.text)


def _clear_away(admin: AdminClient, work: Work) -> None:
    """Delete the topic, and what the platform's producer keeps beside it."""
    names = admin.list_topics(timeout=_PATIENCE).topics
    for future in admin.delete_topics([n for n in names if n.startswith(work.topic)]).values():
        future.result(_PATIENCE)


def _by(figures: Figures, other: str) -> tuple[float, ...]:
    """Our rate by another's, round by round."""
    mine, theirs = (figures[f"produce.{name}.records_per_s"] for name in ("ours", other))
    return tuple(above / below for above, below in zip(mine, theirs, strict=True))
