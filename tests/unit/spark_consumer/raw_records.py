"""Records as no client library sends them, and a broker in this process that takes them."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Producer

__all__ = ["broker", "send"]

_POLYNOMIAL = 0x82F63B78


@contextmanager
def broker() -> Iterator[tuple[str, int]]:
    """A broker for tests that librdkafka has in it, with the topic `t`: host and port."""
    producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    producer.list_topics("t", timeout=60)
    (found,) = producer.list_topics(timeout=60).brokers.values()
    yield found.host, found.port


def send(where: tuple[str, int], header_name: bytes, value: bytes) -> None:
    """One record with one header, to partition 0 of the topic `t`."""
    batch = _batch(header_name, value)
    head = struct.pack(">hhih", 0, 7, 1, 1) + b"c" + struct.pack(">hhi", -1, -1, 5000)
    topic = struct.pack(">ih", 1, 1) + b"t" + struct.pack(">iii", 1, 0, len(batch))
    request = head + topic + batch
    with socket.create_connection(where, timeout=60) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        assert connection.recv(1000)


def _batch(header_name: bytes, value: bytes) -> bytes:
    """A batch of Kafka's, version 2, with one record."""
    header = _number(len(header_name)) + header_name + _number(1) + b"x"
    record = b"\0" * 3 + _number(-1) + _number(len(value)) + value + _number(1) + header
    records = _number(len(record)) + record
    checked = struct.pack(">hiqqqhii", 0, 0, 1000, 1000, -1, -1, -1, 1) + records
    rest = struct.pack(">ibI", 0, 2, _checksum(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def _number(number: int) -> bytes:
    """A number below 64, as Kafka's records have it."""
    return bytes([number << 1 if number >= 0 else -2 * number - 1])


def _checksum(content: bytes) -> int:
    """CRC-32C."""
    found = 0xFFFFFFFF
    for byte in content:
        found ^= byte
        for _ in range(8):
            found = (found >> 1) ^ (_POLYNOMIAL if found & 1 else 0)
    return found ^ 0xFFFFFFFF
