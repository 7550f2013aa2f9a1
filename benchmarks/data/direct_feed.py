"""A feed without an exchange: framed trades that happen now, in a transaction every 50 ms.

`python -m benchmarks.data.direct_feed JOB` runs until SIGTERM and then prints how many trades it
sent. It shows the least latency that a feed can add: the trades are ready and only go to Kafka.
"""

import json
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np
from confluent_kafka import Producer

from benchmarks.data.avro_rows import framed
from benchmarks.data.pairs import many_pairs
from benchmarks.data.synthetic import Market, Trades

__all__ = ["FeedJob"]

_EVERY: Final = 0.05
_TIMEOUT: Final = 30.0
_CHUNK: Final = 100_000


@dataclass(frozen=True)
class FeedJob:
    """The feed's job.

    Attributes:
        servers: Kafka's bootstrap servers.
        topic: The topic of the trades.
        partitions: Number of the topic's partitions.
        rate: Trades a second, of all pairs together.
        pairs: Number of pairs.
        schema_id: The id for the records' headers.
        schema: The parsed record schema.
    """

    servers: str
    topic: str
    partitions: int
    rate: float
    pairs: int
    schema_id: int
    schema: Mapping[str, Any]

    def as_argument(self) -> str:
        """Return the argument for the program."""
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls) -> Self:
        """Return the job that this program was started with."""
        return cls(**json.loads(sys.argv[1]))


def main() -> None:
    """Send trades until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    job = FeedJob.from_argument()
    producer = Producer(
        {
            "bootstrap.servers": job.servers,
            "transactional.id": f"{job.topic}.feed",
            "compression.type": "zstd",
            "linger.ms": 5,
        }
    )
    producer.init_transactions(_TIMEOUT)
    pairs = many_pairs(job.pairs)
    symbols = [pair.symbol for pair in pairs]
    market = Market(pairs)
    ready = market.trade(_CHUNK, _CHUNK / job.rate)
    began, sent = time.time(), 0
    while not stopping.wait(_EVERY - (time.time() - began) % _EVERY):
        due = int((time.time() - began) * job.rate) - sent
        while len(ready) < due:
            ready = Trades.together([ready, market.trade(_CHUNK, _CHUNK / job.rate)])
        moments = began + (sent + np.arange(due)) / job.rate
        _send(producer, job, symbols, _at(ready.taken(slice(0, due)), moments))
        ready, sent = ready.taken(slice(due, None)), sent + due
    sys.stdout.write(f"{sent}\n")


def _at(trades: Trades, moments: "np.ndarray[Any, np.dtype[np.float64]]") -> Trades:
    """Return the trades with these times, received at the same times."""
    micros = (moments * 1e6).astype(np.int64)
    return replace(trades, executed_at=micros, ingested_at=micros)


def _send(producer: Producer, job: FeedJob, symbols: Sequence[str], trades: Trades) -> None:
    if not len(trades):
        return
    values = framed(trades, symbols, job.schema, job.schema_id).values()
    producer.begin_transaction()
    for pair, value in zip(trades.pair.tolist(), values, strict=True):
        producer.produce(job.topic, value, symbols[pair].encode(), partition=pair % job.partitions)
    producer.commit_transaction(_TIMEOUT)


if __name__ == "__main__":
    main()
