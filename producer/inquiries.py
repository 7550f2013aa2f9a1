"""What the producer's commands show without recording: holes, parked pairs and candles."""

from dataclasses import replace

from producer.committed import CommittedTopic
from producer.connection import KafkaConnection, open_for_at_most
from producer.errors import TopicUnusable
from producer.hole import Hole, newest_holes
from producer.kraken.candles import Candle
from producer.kraken.client import KrakenClient
from producer.kraken.settings import KrakenClientSettings
from producer.pair_state import PairState, newest_states
from producer.settings import ProducerSettings, Settings, listed
from producer.topics import topic_names

__all__ = ["confirmed_holes", "fetch_candles", "parked_pairs"]

KeyAndValue = tuple[bytes | None, bytes | None]


def confirmed_holes(settings: Settings) -> list[Hole]:
    """The trade ids that Kraken confirmed to be missing.

    Raises:
        TopicUnusable: No producer has created the topic yet, or it cannot be read.
        ProducerError: Kafka cannot be used.
    """
    name = settings.kafka.topics.holes
    records = _records(settings, name)
    if records is None:
        raise TopicUnusable(f"there is no topic {name}: start the producer once, it creates it")
    return newest_holes(records)


def parked_pairs(settings: Settings) -> list[PairState]:
    """The pairs that cannot be recorded for now; none where no producer has kept any.

    Raises:
        ProducerError: Kafka cannot be used, or the topic cannot be read.
    """
    return newest_states(_records(settings, settings.kafka.topics.pairs) or [])


def _records(settings: Settings, name: str) -> list[KeyAndValue] | None:
    """Keys and values of a topic, oldest first; None if there is no such topic."""
    connection = KafkaConnection(settings.kafka.client_config())
    timeout = settings.producer.kafka_timeout_seconds
    if name not in topic_names(connection, timeout):
        return None
    topic = CommittedTopic(connection, name, timeout, open_for_at_most(timeout))
    return [(record.key(), record.value()) for record in topic.read()]


def fetch_candles(settings: ProducerSettings, names: str) -> list[Candle]:
    """What Kraken tells of the last twelve hours of each pair, minute by minute.

    Args:
        settings: Where Kraken is, and which labels stand for which pairs.
        names: The pairs or their labels, with commas; empty for those of the settings.

    Raises:
        KrakenError: Kraken does not answer, or has no such pair.
    """
    labels = dict(zip(settings.symbols, settings.pairs, strict=False))
    wanted = listed(names) or settings.symbols or settings.pairs
    client_settings = KrakenClientSettings(
        api_url=settings.kraken_api_url, call_interval=settings.kraken_call_interval_seconds
    )
    with KrakenClient(client_settings) as kraken:
        pairs = kraken.asset_pairs([labels.get(name, name) for name in wanted])
        named = [
            replace(pair, symbol=name if name in labels else pair.symbol)
            for name, pair in zip(wanted, pairs, strict=True)
        ]
        return [candle for pair in named for candle in kraken.candles(pair)]
