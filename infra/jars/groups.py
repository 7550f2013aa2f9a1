"""The groups of archives, and the archives that each requests by name."""

from dataclasses import dataclass
from typing import Final

from infra.jars.artifact import Coordinates

__all__ = [
    "AVRO_CONVERTER",
    "BESIDE_PYSPARK",
    "CONNECT",
    "DELTA",
    "GROUPS",
    "ICEBERG_SINK",
    "JAVA_SERIALIZER",
    "KAFKA",
    "PLATFORM",
    "READERS",
    "REGISTRY",
    "RIVALS",
    "SPARK",
    "TESTS",
    "Group",
]


@dataclass(frozen=True)
class Group:
    """Archives that are fetched and used together.

    `roots` are requested by name; the lock adds their dependencies, unless `transitive` is false.
    """

    name: str
    roots: tuple[Coordinates, ...]
    transitive: bool = True


KAFKA: Final = Group(
    "kafka",
    (
        Coordinates("org.apache.kafka", "kafka_2.13", "4.1.1"),
        # Kafka 4.1 logs through slf4j 1.7; this binds it to the log4j 2.24.3 that comes with it.
        Coordinates("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
    ),
)
REGISTRY: Final = Group(
    "registry",
    # The newest release series that runs on Java 17. The archive contains its dependencies.
    (Coordinates("io.apicurio", "apicurio-registry-app", "3.0.9", "tar.gz", "all"),),
    transitive=False,
)
SPARK: Final = Group(
    "spark",
    (
        Coordinates("org.apache.spark", "spark-sql-kafka-0-10_2.13", "4.2.0"),
        Coordinates("org.apache.spark", "spark-avro_2.13", "4.2.0"),
    ),
)

CONNECT: Final = Group(
    "connect",
    (
        Coordinates("org.apache.kafka", "connect-runtime", "4.1.1"),
        Coordinates("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
    ),
)
ICEBERG_SINK: Final = Group(
    "iceberg-sink",
    (
        Coordinates("org.apache.iceberg", "iceberg-kafka-connect", "1.11.0"),
        # The sink's own distribution, which is not published, also contains these.
        Coordinates("org.apache.iceberg", "iceberg-orc", "1.11.0"),
        Coordinates("org.apache.iceberg", "iceberg-parquet", "1.11.0"),
        Coordinates("org.apache.hadoop", "hadoop-client-api", "3.4.2"),
        Coordinates("org.apache.hadoop", "hadoop-client-runtime", "3.4.2"),
    ),
)
ICEBERG_STORE: Final = Group(
    "iceberg-store",
    # What the sink needs besides for tables in an object store, and a catalog in a file: the one
    # that is a folder needs a file system.
    (
        Coordinates("org.apache.iceberg", "iceberg-aws", "1.11.0"),
        Coordinates("org.apache.iceberg", "iceberg-aws-bundle", "1.11.0"),
        Coordinates("dev.failsafe", "failsafe", "3.3.2"),
        Coordinates("org.xerial", "sqlite-jdbc", "3.50.3.0"),
    ),
    transitive=False,
)
AVRO_CONVERTER: Final = Group(
    "avro-converter",
    # The last release series whose poms are complete.
    (Coordinates("io.apicurio", "apicurio-registry-utils-converter", "2.6.13.Final"),),
)

DELTA: Final = Group(
    "delta",
    # The first release series for Spark 4.2. Named to spark.jars, not placed among Spark's own.
    (Coordinates("io.delta", "delta-spark_4.2_2.13", "4.4.0"),),
)

JAVA_SERIALIZER: Final = Group(
    "java-serializer",
    # Confluent publishes its serializer elsewhere; this archive contains version 7.9.5 of it.
    (Coordinates("org.apache.pinot", "pinot-confluent-avro", "1.5.0", "jar", "shaded"),),
    transitive=False,
)

PLATFORM: Final = (KAFKA, REGISTRY, SPARK)
"""What the platform runs on."""

RIVALS: Final = (CONNECT, ICEBERG_SINK, ICEBERG_STORE, AVRO_CONVERTER)
"""What `make bench` compares the platform with; fetched only for that."""

READERS: Final = (DELTA,)
"""What the tests read the lake's tables with; fetched only for them."""

TESTS: Final = (JAVA_SERIALIZER,)
"""What the contract is compared with; fetched only for the tests."""

BESIDE_PYSPARK: Final = (SPARK, DELTA)
"""What is on one class path with pyspark's own archives."""

GROUPS: Final = {group.name: group for group in (*PLATFORM, *RIVALS, *READERS, *TESTS)}
