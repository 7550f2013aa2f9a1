"""Confluent's AvroDeserializer, as its documentation shows it, with pyarrow behind it."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Message
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from benchmarks.rivals.job import Job
from benchmarks.rivals.loop import run

__all__ = ["main"]


def main() -> None:
    """Land the job's records."""
    job = Job.from_argument()
    deserializer = AvroDeserializer(SchemaRegistryClient({"url": job.registry}))
    context = SerializationContext(job.topic, MessageField.VALUE)

    def decode(message: Message) -> Mapping[str, Any]:
        trade: Mapping[str, Any] = deserializer(message.value(), context)
        return trade

    run(job, decode)


if __name__ == "__main__":
    main()
