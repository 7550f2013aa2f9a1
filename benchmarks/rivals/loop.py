"""The loop that people write: poll, decode, collect, write a Parquet dataset with pyarrow."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from confluent_kafka import Consumer, KafkaError, Message

from benchmarks.rivals.job import Job

__all__ = ["Decode", "run"]

Decode = Callable[[Message], Mapping[str, Any]]
"""From a message to a trade as a dict."""

_AT_ONCE: Final = 1_000
_ROWS_A_WRITE: Final = 20_000
_PARTITIONS: Final = ["year", "month", "day", "hour", "symbol"]
_MICROS: Final = pa.timestamp("us", tz="UTC")
_FIELDS: Final[list[tuple[str, pa.DataType]]] = [
    ("exchange", pa.string()),
    ("symbol", pa.string()),
    ("trade_id", pa.int64()),
    ("price", pa.decimal128(28, 10)),
    ("volume", pa.decimal128(28, 10)),
    ("side", pa.string()),
    ("order_type", pa.string()),
    ("misc", pa.string()),
    ("executed_at", _MICROS),
    ("ingested_at", _MICROS),
    ("feed", pa.string()),
    *((name, pa.int32()) for name in _PARTITIONS[:-1]),
]
_SCHEMA: Final = pa.schema(_FIELDS)


@dataclass
class _Writer:
    job: Job
    written: int = 0
    files: int = 0
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    def is_due(self) -> bool:
        """Return whether it is time to write what has been collected."""
        collected = self.written + len(self.rows)
        return len(self.rows) >= _ROWS_A_WRITE or collected == self.job.records

    def note_visible(self, rows: int) -> None:
        """Note how many rows have become visible now."""
        with self.job.progress.open("a", encoding="utf-8") as progress:
            progress.write(json.dumps({"at": time.time(), "rows": rows}) + "\n")

    def write(self) -> None:
        """Write what has been collected."""
        pq.write_to_dataset(
            pa.Table.from_pylist(list(map(_with_partitions, self.rows)), _SCHEMA),
            self.job.output,
            partition_cols=_PARTITIONS,
            basename_template=f"part-{self.files}-{{i}}.parquet",
            existing_data_behavior="overwrite_or_ignore",
            compression="zstd",
        )
        self.written += len(self.rows)
        self.files += 1
        self.note_visible(len(self.rows))
        self.rows.clear()


def run(job: Job, decode: Decode) -> None:
    """Land records until the job is done."""
    consumer = Consumer(
        {
            "bootstrap.servers": job.servers,
            "group.id": f"loop-{time.time_ns()}",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([job.topic])
    job.started.touch()
    writer = _Writer(job)
    while writer.written != job.records:
        for message in consumer.consume(_AT_ONCE, timeout=0.1):
            _refuse_error(message.error())
            if not writer.rows and not writer.written:
                writer.note_visible(0)
            writer.rows.append(decode(message))
        if writer.is_due():
            writer.write()
            consumer.commit(asynchronous=False)
    consumer.close()


def _refuse_error(error: KafkaError | None) -> None:
    if error is not None:
        raise SystemExit(f"Kafka: {error.str()}")


def _with_partitions(trade: Mapping[str, Any]) -> Mapping[str, Any]:
    at = trade["executed_at"]
    return {
        **trade,
        "symbol": trade["symbol"].replace("/", "_"),
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "hour": at.hour,
    }
