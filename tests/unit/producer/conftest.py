"""Fixtures of the producer's tests: trades, pages, and a publisher on a fake Kafka."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import fastavro
import pytest
import stamina

from producer.ingest.gap_filler import GapFiller
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.cursor_decoder import CursorDecoder
from producer.kafka.cursor_store import newest_cursors
from producer.kafka.positions import Positions
from producer.kafka.publisher import Publisher
from producer.kafka.records import RecordWriter
from producer.kafka.serializer import RecordSerializer
from producer.kafka.transactions import Transactions
from producer.kraken.pairs import KrakenPair
from producer.model.cursor import Cursor
from producer.model.cursor_scope import LIVE, CursorScope
from producer.model.gaps.gap_schedule import GAP_SCHEDULE, GapSchedule
from producer.model.gaps.hole import newest_holes
from producer.model.gaps.missing_ids import MissingIds
from producer.model.gaps.open_gap import newest_gaps
from producer.model.page import RejectedRow, TradesPage
from producer.model.trade import Feed, OrderType, Side, Trade
from runtime.deadline import Deadline
from runtime.errors import KafkaUnreachable
from runtime.settings import RegistrySettings
from runtime.topics import TopicNames
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from tests.unit.producer.fake_feed import AtOnce
from tests.unit.producer.fake_kafka import FakeKafka
from tests.unit.producer.fake_kraken import FakeKraken
from tests.unit.producer.fake_time import FakeTime

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """A registry in memory, with the newest schemas of the topics `t` and `t.cursors`."""
    registry, catalogue = Registry(RegistrySettings(url="mock://unit")), load_catalogue()
    registry.register("t-value", catalogue.trade.newest.text)
    registry.register("t.cursors-value", catalogue.cursor.newest.text)
    return registry


@pytest.fixture(scope="session")
def writer(registry: Registry) -> RecordWriter:
    """Write records for the topics `t`, `t.cursors` and `t.dead-letter`."""
    catalogue = load_catalogue()
    return RecordWriter(
        RecordSerializer(registry, catalogue.trade, "t"),
        RecordSerializer(registry, catalogue.cursor, "t.cursors"),
        TopicNames("t"),
    )


@pytest.fixture(scope="session")
def read_trades() -> Callable[..., list[Trade]]:
    """Read the trades that a reader of the fake broker sees."""
    reader = fastavro.parse_schema(load_catalogue().trade.newest.parsed)

    def read(kafka: FakeKafka) -> list[Trade]:
        values = [BytesIO(record.value[5:]) for record in kafka.committed("t")]
        return [Trade.of(**_enums(fastavro.schemaless_reader(v, reader))) for v in values]

    return read


@pytest.fixture(scope="session")
def publisher_on(writer: RecordWriter, registry: Registry) -> Callable[..., Publisher]:
    """Make a program's publisher: `publisher_on(kafka)`. It still has to be opened."""
    decoder = CursorDecoder(registry, load_catalogue().cursor)

    def check(deadline: Deadline) -> None:
        if deadline.passed:
            raise KafkaUnreachable("no answer")

    def make(
        kafka: FakeKafka,
        exchange: str = "KRAKEN",
        scope: CursorScope = LIVE,
        now: Callable[[], datetime] = lambda: NOW,
        schedule: GapSchedule = GAP_SCHEDULE,
        **more: Any,
    ) -> Publisher:
        def read_cursors() -> dict[str, Cursor | None]:
            kafka.strike("read_cursors")
            records = [(record.key, record.value) for record in kafka.committed("t.cursors")]
            return newest_cursors(records, decoder.decode)

        def read_missing() -> list[MissingIds]:
            topics = ("t.gaps", newest_gaps), ("t.holes", newest_holes)
            return [one for topic, read in topics for one in read(kafka.keys_and_values(topic))]

        transactional_id = "id" if scope == LIVE else "id.backfill"

        return Publisher(
            Transactions(
                lambda: kafka.connect(transactional_id),
                check,
                transactional_id=transactional_id,
                timeout_seconds=0.5,
            ),
            writer,
            Positions(
                read_cursors, read_missing, exchange=exchange, scope=scope, schedule=schedule
            ),
            now=now,
            **more,
        )

    return make


@pytest.fixture
def publisher(kafka: FakeKafka, publisher_on: Callable[..., Publisher]) -> Publisher:
    """Live recording's publisher, opened."""
    opened = publisher_on(kafka)
    opened.open()
    return opened


@pytest.fixture
def no_backoff() -> Iterator[None]:
    """Nothing waits between two attempts."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


def _enums(fields: Any) -> dict[str, Any]:
    """A trade has enums, not their names."""
    return fields | {
        "side": Side(fields["side"]),
        "order_type": OrderType(fields["order_type"]),
        "feed": Feed(fields["feed"]),
    }


@pytest.fixture
def kafka() -> FakeKafka:
    """An empty broker."""
    return FakeKafka()


@pytest.fixture(scope="session")
def now() -> datetime:
    """The time that the tests' clock shows."""
    return NOW


@pytest.fixture(scope="session")
def trades() -> Callable[..., list[Trade]]:
    """Make trades: `trades([1, 2, 5])`."""

    def make(ids: Sequence[int], symbol: str = "BTC/USD") -> list[Trade]:
        return [
            Trade.of(
                exchange="KRAKEN",
                symbol=symbol,
                trade_id=trade_id,
                price=Decimal("105433.60000"),
                volume=Decimal("0.00027625"),
                side=Side.BUY,
                order_type=OrderType.LIMIT,
                misc="",
                executed_at=NOW - timedelta(seconds=1000 - trade_id),
                ingested_at=NOW,
            )
            for trade_id in ids
        ]

    return make


@pytest.fixture(scope="session")
def page(trades: Callable[..., list[Trade]]) -> Callable[..., TradesPage]:
    """Make a page: `page([1, 2], last="2")`."""

    def make(
        ids: Sequence[int],
        last: str | None = None,
        rejected: Sequence[RejectedRow] = (),
        rows: int | None = None,
    ) -> TradesPage:
        return TradesPage(
            tuple(trades(ids)),
            tuple(rejected),
            last if last is not None else str(max(ids, default=0)),
            len(ids) + len(rejected) if rows is None else rows,
        )

    return make


@pytest.fixture
def time() -> FakeTime:
    """The clock of the test."""
    return FakeTime()


@pytest.fixture
def poll(
    kafka: FakeKafka, publisher_on: Callable[..., Publisher], time: FakeTime
) -> Callable[..., Poller]:
    """Make a poller: `poll(kraken, BTC, ETH)`."""

    def make(kraken: FakeKraken, *pairs: KrakenPair, most_failures: int | None = None) -> Poller:
        publisher = publisher_on(kafka, now=time.utc)
        publisher.open()
        return Poller(
            kraken,
            publisher,
            pairs,
            GapFiller(kraken, publisher, pairs, pool=AtOnce(), now=time.utc),
            pace=Pace(behind=1.0, level=5.0),
            retries=RetryPolicy(most_failures),
            stop=time,
            clock=lambda: time.now,
        )

    return make


@pytest.fixture
def ids(
    kafka: FakeKafka, read_trades: Callable[[FakeKafka], list[Trade]]
) -> Callable[[str], list[int]]:
    """The trade ids of a symbol that a reader sees."""
    return lambda symbol: [t.trade_id for t in read_trades(kafka) if t.symbol == symbol]
