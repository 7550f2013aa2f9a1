"""Confluent's serializer and deserializer for Java, called from Python in a JVM of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.java import find_java
from schemas.catalogue import SchemaVersion

__all__ = ["JavaClient", "java_client"]

_SUBJECT: Final = "golden-value"
_TOPIC: Final = "golden"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class JavaClient:
    """The two programs over a registry that gives each version its number as id.

    Args:
        jvm: The classes of the JVM.
        converts: Whether decimals and times become Java's own types; else they stay as bytes and
            numbers.
    """

    def __init__(self, jvm: Any, *, converts: bool) -> None:
        self._jvm = jvm
        self._settings = {
            "schema.registry.url": "mock://golden",
            "auto.register.schemas": False,
            "avro.use.logical.type.converters": converts,
        }
        self._of = lru_cache(maxsize=None)(self._made)

    def read(self, version: SchemaVersion, framed: bytes) -> Any:
        """Decode a framed record to Java's object."""
        _, deserializer = self._of(version)
        return deserializer.deserialize(_TOPIC, bytearray(framed))

    def write(self, version: SchemaVersion, record: Any) -> bytes:
        """Encode Java's object, frame included."""
        serializer, _ = self._of(version)
        return bytes(serializer.serialize(_TOPIC, record))

    def values(self, version: SchemaVersion, record: Any) -> dict[str, Any]:
        """Return the fields of Java's object as Python has them."""
        return {
            field["name"]: _as_python(record.get(field["name"]))
            for field in version.parsed["fields"]
        }

    def _made(self, version: SchemaVersion) -> tuple[Any, Any]:
        confluent = self._jvm.io.confluent.kafka
        registry = confluent.schemaregistry.client.MockSchemaRegistryClient()
        schema = confluent.schemaregistry.avro.AvroSchema
        for number in range(1, version.version):
            filler = f'{{"type": "fixed", "name": "filler{number}", "size": 1}}'
            registry.register(_SUBJECT, schema(filler))
        assert registry.register(_SUBJECT, schema(version.text)) == version.version
        return (
            confluent.serializers.KafkaAvroSerializer(registry, self._settings),
            confluent.serializers.KafkaAvroDeserializer(registry, self._settings),
        )


@contextmanager
def java_client() -> Iterator[Any]:
    """Start a JVM with Confluent's classes; yield them."""
    of_spark = Path(pyspark.__file__).parent / "jars"
    (py4j,) = of_spark.glob("py4j-*.jar")
    needed = [
        *(JARS / "java-serializer").glob("*.jar"),
        *of_spark.glob("slf4j-api-*.jar"),
        *of_spark.glob("snakeyaml-*.jar"),
    ]
    port, process = launch_gateway(
        jarpath=str(py4j),
        classpath=":".join(map(str, needed)),
        java_path=str(find_java().path),
        die_on_exit=True,
        return_proc=True,
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    try:
        yield gateway.jvm
    finally:
        gateway.shutdown()
        process.stdin.close()
        process.wait(60)


def _as_python(value: Any) -> Any:
    """Convert a value of Java's own types; others are Python's already."""
    if not hasattr(value, "getClass"):
        return value
    match value.getClass().getSimpleName():
        case "BigDecimal":
            return Decimal(value.toPlainString())
        case "Instant":
            micros = value.getEpochSecond() * 1_000_000 + value.getNano() // 1_000
            return _EPOCH + timedelta(microseconds=micros)
        case _:
            return str(value)
