"""A topic of the test's own, records for it, and the stream over it within this process.

In-process the JVM is started once for all tests; spark-submit itself is in test_spark_submit.
"""

import io
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded import EmbeddedStack
from lake.layout import LakeLayout
from lake.log.commit import Commit
from lake.log.commit_log import CommitLog
from lake.settings import LakeSettings
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.avro.wire import frame
from schemas.registry.client import Registry
from spark_consumer.bootstrap import Settings, stream
from spark_consumer.kafka.source import Acceptance
from spark_consumer.settings import ConsumerSettings
from spark_consumer.write.stream import Trigger

FIRST_TRADE_AT = datetime(2026, 1, 30, 18, tzinfo=UTC)
PARTITIONS = 2

Record = tuple[bytes, bytes | None]
"""Key and value."""


@dataclass(frozen=True)
class Pipeline:
    """One topic and one lake."""

    kafka: KafkaSettings
    registry: RegistrySettings
    lake: LakeSettings

    @property
    def layout(self) -> LakeLayout:
        """The lake's folders."""
        return self.lake.layout

    def send(self, records: Iterable[Record]) -> None:
        """Write records in one committed transaction."""
        config = {**self.kafka.client_config(), "transactional.id": f"{self.kafka.topic}.test"}
        producer = Producer(config)
        producer.init_transactions()
        producer.begin_transaction()
        for key, value in records:
            while True:
                try:
                    producer.produce(self.kafka.topic, value, key)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.commit_transaction()

    def land(
        self,
        *,
        every: str | None = None,
        stopping: threading.Event | None = None,
        accept: Acceptance | None = None,
        take_over: bool = False,
        **consumer: Any,
    ) -> None:
        """Run the stream to its end; by default what the topic holds now."""
        settings = Settings(ConsumerSettings(**consumer), self.kafka, self.registry, self.lake)
        stream(
            settings,
            Trigger(every),
            accept or Acceptance(),
            stopping or threading.Event(),
            take_over=take_over,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """The environment in which the stream runs as a program of its own."""
        return {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "KAFKA_TOPIC": self.kafka.topic,
            "SCHEMA_REGISTRY_URL": self.registry.url,
            "BASE_OUTPUT_PATH": str(self.layout.base),
            **more,
        }

    def commits(self) -> list[Commit]:
        """The lake's commit log."""
        return list(CommitLog(self.layout.commits).commits())

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask DuckDB over `trades`, the files that a reader lists, and `quarantine`."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name, folder in (
                ("trades", self.layout.trades),
                ("quarantine", self.layout.quarantine),
            ):
                if any(folder.rglob("*.parquet")):
                    connection.execute(
                        f"CREATE VIEW {name} AS FROM read_parquet('{folder}/**/*.parquet', "
                        "hive_partitioning = true, union_by_name = true)"
                    )
            return connection.execute(sql).fetchall()


@dataclass
class TradeMaker:
    """Makes framed trades by any schema of the subject, ids counted from 1."""

    registry: Registry
    subject: str
    parsed: dict[int, Any] = field(default_factory=dict)

    def register(self, schema: dict[str, Any]) -> int:
        """Register a schema of the subject; its id."""
        self.registry.register(self.subject, json.dumps(schema, separators=(",", ":")))
        return self.registry.versions(self.subject)[-1].schema_id

    def framed(self, schema_id: int, trade_id: int, **fields: Any) -> Record:
        """A trade, by the schema with this id."""
        if schema_id not in self.parsed:
            text = self.registry.schema_text(schema_id)
            self.parsed[schema_id] = fastavro.parse_schema(json.loads(text))
        at = FIRST_TRADE_AT + timedelta(milliseconds=trade_id)
        trade = {
            "exchange": "KRAKEN",
            "symbol": "BTC/USD",
            "trade_id": trade_id,
            "price": Decimal("105433.6"),
            "volume": Decimal("0.00027625"),
            "side": "BUY",
            "order_type": "LIMIT",
            "misc": "",
            "executed_at": at,
            "ingested_at": at,
            **fields,
        }
        payload = io.BytesIO()
        fastavro.schemaless_writer(payload, self.parsed[schema_id], trade)
        return str(trade["symbol"]).encode(), frame(schema_id, payload.getvalue())


@pytest.fixture
def pipeline(stack: EmbeddedStack, topic: str, tmp_path: Path) -> Pipeline:
    """A topic with two partitions and an empty lake."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic=topic)
    admin = AdminClient(kafka.client_config())
    admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS)])[topic].result()
    registry = RegistrySettings(url=stack.registry_url)
    return Pipeline(kafka, registry, LakeSettings(base_output_path=tmp_path / "data"))


@pytest.fixture
def trades(registry: Registry, topic: str) -> TradeMaker:
    """Trades for the topic's subject."""
    return TradeMaker(registry, f"{topic}-value")


@pytest.fixture
def newest_id(trades: TradeMaker) -> int:
    """The registry's id of the newest released schema."""
    return trades.registry.versions(trades.subject)[-1].schema_id
