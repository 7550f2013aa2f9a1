"""What the producer's programs tell others, without recording anything: holes and candles."""

from dataclasses import replace

from producer.committed import CommittedTopic
from producer.connection import KafkaConnection, open_for_at_most
from producer.errors import TopicUnusable
from producer.hole import Hole, newest_holes
from producer.kraken.candles import Candle
from producer.kraken.client import KrakenClient
from producer.kraken.settings import KrakenClientSettings
from producer.settings import ProducerSettings, Settings, listed
from producer.topics import topic_names

__all__ = ["confirmed_holes", "fetch_candles"]


def confirmed_holes(settings: Settings) -> list[Hole]:
    """The trade ids that Kraken confirmed to be missing.

    Raises:
        TopicUnusable: No producer has created the topic yet, or it cannot be read.
        ProducerError: Kafka cannot be used.
    """
    connection = KafkaConnection(settings.kafka.client_config())
    timeout, name = settings.producer.kafka_timeout_seconds, settings.kafka.topics.holes
    if name not in topic_names(connection, timeout):
        raise TopicUnusable(f"there is no topic {name}: start the producer once, it creates it")
    topic = CommittedTopic(connection, name, timeout, open_for_at_most(timeout))
    return newest_holes((record.key(), record.value()) for record in topic.read())


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
