"""Where live trades come from: straight into Kafka, or by our producer from a stand-in."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks NewTopic
    AdminClient,
    NewTopic,
)

from benchmarks.direct_feed import FeedJob
from benchmarks.processes import Running, running
from benchmarks.rig import Rig
from benchmarks.topics import register

__all__ = ["DIRECT", "FEEDS", "PARTITIONS", "Feed", "make_topic"]

PARTITIONS: Final = 4
"""As the producer makes a topic of its own."""

Feed = Callable[[Rig, str, int], AbstractContextManager[list[Running]]]
"""Sends trades to a topic at a rate while its block runs; gives its programs, ours first."""


def make_topic(rig: Rig, topic: str) -> None:
    """An empty topic with its schemas registered."""
    register(rig.registry, topic, mixed=False)
    admin = AdminClient({"bootstrap.servers": rig.stack.bootstrap_servers})
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result()


@contextmanager
def direct(rig: Rig, topic: str, rate: int) -> Iterator[list[Running]]:
    """Ready trades in a transaction every 50 ms."""
    ((schema_id, schema),) = register(rig.registry, topic, mixed=False).items()
    job = FeedJob(rig.stack.bootstrap_servers, topic, PARTITIONS, float(rate), schema_id, schema)
    command = [sys.executable, "-m", "benchmarks.direct_feed", job.told()]
    with running("feed", command, rig.fresh_folder("feed"), rig.environment()) as program:
        yield [program]


DIRECT: Final[Feed] = direct
FEEDS: Final = {"direct": direct}
