"""The producer's topics, checked and ready: they give publishers, and what Kafka already holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import stamina

from producer.errors import TransactionInDoubt
from producer.kafka.claims import Claim, Claims
from producer.kafka.client import KafkaConnection, open_for_at_most, producer_config
from producer.kafka.cursor_decoder import CursorDecoder
from producer.kafka.cursor_store import read_cursors
from producer.kafka.decoder import RecordDecoder
from producer.kafka.market_symbols import Market, newest_markets
from producer.kafka.positions import Positions
from producer.kafka.publisher import Publisher
from producer.kafka.records import RecordWriter
from producer.kafka.serializer import RecordSerializer
from producer.kafka.topic_plans import plan_topics
from producer.kafka.topic_reader import TopicReader
from producer.kafka.topics import ensure_topics
from producer.kafka.transactions import Transactions
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.cursor_scope import CursorScope
from producer.model.gaps.gap_schedule import GAP_SCHEDULE
from producer.model.gaps.hole import newest_holes
from producer.model.gaps.missing_ids import KeyAndValue, MissingIds
from producer.model.gaps.open_gap import newest_gaps
from producer.model.page_update import PageUpdate
from producer.model.pair_state import PairState, newest_states
from producer.settings import Settings
from schemas.catalogue import load_catalogue
from schemas.errors import TransientRegistryError
from schemas.registry.client import Registry
from schemas.registry.retry import ask_patiently

__all__ = ["ProducerTopics"]

_REGISTRY_SECONDS: Final = 60.0
_ATTEMPTS: Final = 5
_GLANCE_SECONDS: Final = 2.0
"""How long the reading of others' records waits for a transaction that one of them left open."""


class ProducerTopics:
    """All topics of the producer, with the registry of their schemas.

    A new one checks that the schemas are registered, and creates missing topics. It writes nothing
    itself: a `Publisher` of one transactional id does.

    Args:
        settings: All settings.
        metrics: Takes how long each transaction took.

    Attributes:
        trades: Reads the topic of the trades.
        decode_trade: Decodes a trade's fields.

    Raises:
        ProducerError, BrokerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """

    def __init__(self, settings: Settings, metrics: ProducerMetrics = NO_METRICS) -> None:
        self._metrics = metrics
        self._topics, self._own = settings.kafka.topics, settings.producer
        self._connection = KafkaConnection(settings.kafka.client_config())
        registry, catalogue = Registry(settings.registry), load_catalogue()
        framing = self._own.schema_id_framing
        trades = RecordSerializer(registry, catalogue.trade, self._topics.trades, framing)
        cursors = RecordSerializer(registry, catalogue.cursor, self._topics.cursors)
        _check_registered([trades, cursors])
        self._timeout = self._own.kafka_timeout_seconds
        self._open_for = self._own.kafka_transaction_timeout_seconds
        ensure_topics(self._connection, plan_topics(self._topics, self._own), self._timeout)
        self._writer = RecordWriter(trades, cursors, self._topics)
        self._decode_cursor = CursorDecoder(registry, catalogue.cursor).decode
        self.decode_trade = RecordDecoder(registry, catalogue.trade).fields
        self.trades = self._committed(self._topics.trades)

    def publisher(
        self,
        transactional_id: str,
        scope: CursorScope,
        log_update: Callable[[PageUpdate], None],
        symbols: Sequence[str] = (),
    ) -> Publisher:
        """Return an opened publisher that has claimed the symbols in its cursor scope."""
        claims = Claims(
            self._connection, self._committed(self._topics.claims), Claim.ours(transactional_id)
        )
        transactions = Transactions(
            lambda: self._connection.producer(producer_config(transactional_id, self._open_for)),
            self._connection.check,
            transactional_id=transactional_id,
            timeout_seconds=self._timeout,
            transaction_seconds=self._open_for,
            rivals=claims,
            metrics=self._metrics,
        )
        publisher = Publisher(
            transactions,
            self._writer,
            Positions(
                lambda: read_cursors(self._committed(self._topics.cursors), self._decode_cursor),
                self._read_missing,
                glance=lambda: self._read_missing(_GLANCE_SECONDS),
                exchange=self._own.exchange,
                scope=scope,
                schedule=GAP_SCHEDULE.scaled(self._own.gap_confirmation_seconds),
            ),
            log_update=log_update,
            claims=claims.more,
        )
        _open(publisher, lambda: claims.take([*map(scope.key, symbols)], transactions.write))
        return publisher

    def pair_states(self) -> list[PairState]:
        """Read from Kafka the pairs that cannot be recorded for now.

        Raises:
            ProducerError, BrokerError: The topic cannot be read.
        """
        return newest_states(_records(self._committed(self._topics.pairs)))

    def markets(self) -> dict[str, Market]:
        """Read the symbols that markets have been recorded under, by Kraken's key.

        Raises:
            ProducerError, BrokerError: The topic cannot be read.
        """
        return newest_markets(_records(self._committed(self._topics.markets)))

    def _read_missing(self, hidden_seconds: float | None = None) -> list[MissingIds]:
        """Read the open gaps and confirmed holes that Kafka holds."""
        return [
            *newest_gaps(_records(self._committed(self._topics.gaps, hidden_seconds))),
            *newest_holes(_records(self._committed(self._topics.holes, hidden_seconds))),
        ]

    def _committed(self, topic: str, hidden_seconds: float | None = None) -> TopicReader:
        hidden = hidden_seconds or open_for_at_most(self._timeout)
        return TopicReader(self._connection, topic, self._timeout, hidden)


def _records(topic: TopicReader) -> Iterator[KeyAndValue]:
    return ((record.key(), record.value()) for record in topic.read())


def _check_registered(serializers: Iterable[RecordSerializer]) -> None:
    for serializer in serializers:
        ask_patiently(
            serializer.check_registered,
            f"the schema of {serializer.topic}",
            on=TransientRegistryError,
            patience=_REGISTRY_SECONDS,
        )


@stamina.retry(on=TransactionInDoubt, attempts=_ATTEMPTS, timeout=None)
def _open(publisher: Publisher, claim: Callable[[], None]) -> None:
    publisher.open()
    claim()
