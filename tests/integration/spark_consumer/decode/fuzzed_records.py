"""Records with random content: header, payload, key, timestamp, headers and size."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Producer

from runtime.settings import KafkaSettings
from schemas.avro.wire import HEADER_LENGTH

_LARGEST = 30_000_000
_TIMESTAMPS = (1_769_793_600_000_000_000, 2**63 - 1, 10**15, -1, -5, -(10**17), -(2**62), 1)
"""Nanoseconds, the last there is, a year that Spark knows and few others, and times before 1970."""


@dataclass(frozen=True, slots=True)
class FuzzedRecord:
    """A record as it is sent; the timestamp is 0 for now."""

    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: list[tuple[str, bytes | None]]


def fuzzed_records(chance: random.Random, good: list[bytes], count: int) -> Iterator[FuzzedRecord]:
    """The good values, each once, among so many records in all; the others are damaged ones.

    Args:
        chance: Decides.
        good: Framed trades.
        count: Of all.
    """
    seeds, left = good[:200], iter(chance.sample(good, len(good)))
    are_good = [True] * len(good) + [False] * (count - len(good))
    chance.shuffle(are_good)
    for is_good in are_good:
        value = next(left) if is_good else _value(chance, seeds)
        yield FuzzedRecord(
            None if chance.random() < 0.1 else chance.randbytes(chance.randrange(12)),
            value,
            # One of a trade's own would be judged by it.
            0 if is_good or chance.random() < 0.98 else chance.choice(_TIMESTAMPS),
            _headers(chance),
        )


def send_fuzzed(kafka: KafkaSettings, records: Iterator[FuzzedRecord]) -> int:
    """Send them in transactions, compressed; how many there were."""
    producer = Producer(
        {
            **kafka.client_config(),
            "transactional.id": f"{kafka.topic}.fuzz",
            "compression.type": "zstd",
            "message.max.bytes": 1_000_000_000,
            "batch.size": 1_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
        }
    )
    producer.init_transactions()
    producer.begin_transaction()
    sent = 0
    for sent, record in enumerate(records, start=1):
        if sent % 20_000 == 0:
            producer.commit_transaction()
            producer.begin_transaction()
        while True:
            try:
                producer.produce(
                    kafka.topic,
                    record.value,
                    record.key,
                    timestamp=record.timestamp,
                    headers=record.headers,
                )
                break
            except BufferError:
                producer.poll(0.1)
    producer.commit_transaction()
    return sent


def _value(chance: random.Random, seeds: list[bytes]) -> bytes | None:
    """Nothing, or a good value with a bit flipped, cut, much longer, or under another header."""
    value = bytearray(chance.choice(seeds))
    match chance.randrange(7):
        case 0:
            bit = chance.randrange(8 * len(value))
            value[bit // 8] ^= 1 << bit % 8
        case 1:
            del value[chance.randrange(len(value)) :]
        case 2:
            value += chance.randbytes(chance.randrange(1, 20))
        case 3:
            value[1:HEADER_LENGTH] = chance.choice([1, 2, 3, 77, 1 << 20]).to_bytes(4, "big")
        case 4:
            value[: 2 * HEADER_LENGTH] = chance.randbytes(2 * HEADER_LENGTH)
        case 5:
            return None if chance.random() < 0.5 else b""
        case _:
            value += bytes(_length(chance))
    return bytes(value)


def _length(chance: random.Random) -> int:
    """Mostly short; one in a few thousand is of megabytes."""
    luck = chance.random()
    if luck < 0.0005:
        return chance.randrange(1_000_000, _LARGEST)
    return chance.randrange(200_000) if luck < 0.02 else chance.randrange(200)


def _headers(chance: random.Random) -> list[tuple[str, bytes | None]]:
    count = chance.choice([0, 0, 0, 1, 5])
    size = 500_000 if chance.random() < 0.0001 else 20
    return [
        (chance.choice(["lane", "", "é", "kraken-lake.cut"]), chance.choice([None, bytes(size)]))
        for _ in range(count)
    ]
