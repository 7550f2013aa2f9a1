"""Confluent's AvroSerializer and Producer, as their documentation shows them.

https://github.com/confluentinc/confluent-kafka-python/blob/v2.16.0/examples/avro_producer.py
"""

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import (
    MessageField,
    SerializationContext,
    StringSerializer,
)

from benchmarks.producers.plain import plain_trades
from benchmarks.producers.work import Producing, Work
from schemas.catalogue import load_catalogue

__all__ = ["prepare"]


def prepare(work: Work) -> Producing:
    """Return a producer and its serializers, ready to start."""
    serialize_key = StringSerializer("utf_8")
    serialize = AvroSerializer(
        SchemaRegistryClient({"url": work.registry_url}), load_catalogue().trade.newest.text
    )
    producer = Producer({"bootstrap.servers": work.bootstrap_servers})
    producer.list_topics(work.topic)  # connected, as ours is before its clock starts
    delivered: list[int] = []

    def report(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise KafkaException(error)
        delivered.append(message.offset() or 0)

    def produce() -> int:
        context = SerializationContext(work.topic, MessageField.VALUE)
        for turn in work.turns:
            for answer in turn:
                for trade in plain_trades(answer):
                    producer.poll(0.0)
                    producer.produce(
                        topic=work.topic,
                        key=serialize_key(trade["symbol"]),
                        value=serialize(trade, context),
                        on_delivery=report,
                    )
        producer.flush()
        return len(delivered)

    return produce
