"""Open the publisher of live recording."""

from collections.abc import Callable, Sequence

from producer.kafka.lost_cursors import restore_lost_cursors
from producer.kafka.producer_topics import ProducerTopics
from producer.kafka.publish_log import counted
from producer.kafka.publish_log import log_update as log_page_update
from producer.kafka.publisher import Publisher
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.cursor_scope import CursorScope
from producer.model.page_update import PageUpdate
from producer.model.starting_point import first_since
from producer.settings import Settings
from runtime.clock import utc_now

__all__ = ["open_live_publisher"]


def open_live_publisher(
    settings: Settings,
    symbols: Sequence[str] = (),
    log_update: Callable[[PageUpdate], None] = log_page_update,
    metrics: ProducerMetrics = NO_METRICS,
) -> tuple[ProducerTopics, Publisher]:
    """Open live recording's publisher: it holds its transactional id and has read its position.

    Args:
        settings: All settings.
        symbols: What it will record; it claims them, and rebuilds those of their cursors that
            were lost.
        log_update: Called with each update that was published.
        metrics: Takes what is recorded.

    Returns:
        What else is read from the topics, and the publisher.

    Raises:
        ProducerError, BrokerError, RegistryError: The registry, the topics or Kafka cannot be used.
    """
    own = settings.producer
    topics = ProducerTopics(settings, metrics)
    publisher = topics.publisher(
        own.transactional_id_for(settings.kafka.topic),
        CursorScope(first_since(own.start_from)),
        counted(log_update, metrics),
        symbols,
    )
    restore_lost_cursors(publisher, symbols, topics.trades, topics.decode_trade, utc_now)
    return topics, publisher
