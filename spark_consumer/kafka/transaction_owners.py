"""Finds the producers of open transactions, with Kafka's Java client: only that one can ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from runtime.settings import KafkaSettings
from spark_consumer.kafka.options import java_client_options

__all__ = ["ProducerNames"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ProducerNames:
    """Names producers by their transactional ids, through Spark's JVM."""

    spark: SparkSession
    kafka: KafkaSettings

    def __call__(self, first_offsets: Mapping[int, int]) -> Mapping[int, str]:
        """Return the producer of the open transaction that begins at an offset, per partition.

        Empty if the user may not describe producers, or if Spark is about to end.
        """
        try:
            return self._ask(first_offsets)
        except (Py4JError, OSError, TypeError) as error:
            log.debug("producers are not known", reason=str(error).splitlines()[:1])
            return {}

    def _ask(self, first_offsets: Mapping[int, int]) -> dict[int, str]:
        jvm: Any = self.spark._jvm  # noqa: SLF001 - there is no public way to the JVM
        properties = jvm.java.util.Properties()
        for name, value in java_client_options(self.kafka).items():
            properties.setProperty(name.removeprefix("kafka."), value)
        admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(properties)
        try:
            wanted = jvm.java.util.ArrayList()
            for partition in first_offsets:
                wanted.add(jvm.org.apache.kafka.common.TopicPartition(self.kafka.topic, partition))
            described = admin.describeProducers(wanted).all().get()
            names = {
                listing.producerId(): listing.transactionalId()
                for listing in admin.listTransactions().all().get()
            }
            found: dict[int, str] = {}
            for place in wanted:
                for producer in described.get(place).activeProducers():
                    first = producer.currentTransactionStartOffset()
                    if first.isPresent() and first.getAsLong() == first_offsets[place.partition()]:
                        number = producer.producerId()
                        found[place.partition()] = names.get(number, f"producer id {number}")
            return found
        finally:
            admin.close()
