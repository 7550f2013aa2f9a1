"""Read what the producer's commands show of its compacted topics: missing ids and parked pairs."""

from producer.kafka.side_topics import records_if_any
from producer.model.gaps.hole import Hole, newest_holes
from producer.model.gaps.missing_ids import KeyAndValue
from producer.model.gaps.open_gap import OpenGap, newest_gaps
from producer.model.pair_state import PairState, newest_states
from producer.settings import Settings

__all__ = ["confirmed_holes", "open_gaps", "parked_pairs"]


def confirmed_holes(settings: Settings) -> list[Hole]:
    """Read the trade ids that Kraken confirmed to be missing; none if no producer has written any.

    Raises:
        ProducerError, BrokerError: Kafka cannot be used, or the topic cannot be read.
    """
    return newest_holes(_records(settings, settings.kafka.topics.holes))


def open_gaps(settings: Settings) -> list[OpenGap]:
    """Read the missing trade ids that are still asked for; none if no producer has written any.

    Raises:
        ProducerError, BrokerError: Kafka cannot be used, or the topic cannot be read.
    """
    return newest_gaps(_records(settings, settings.kafka.topics.gaps))


def parked_pairs(settings: Settings) -> list[PairState]:
    """Read the pairs that cannot be recorded for now; none if no producer has written any.

    Raises:
        ProducerError, BrokerError: Kafka cannot be used, or the topic cannot be read.
    """
    return newest_states(_records(settings, settings.kafka.topics.pairs))


def _records(settings: Settings, name: str) -> list[KeyAndValue]:
    """Read the keys and values of a topic, oldest first; none if there is no such topic."""
    return [(record.key(), record.value()) for record in records_if_any(settings, name)]
