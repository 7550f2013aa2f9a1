"""Decode framed records from Kafka."""

import json
from io import BytesIO
from typing import Any, Final

import fastavro
from fastavro.read import SchemaResolutionError

from schemas.avro.wire import Headers, SchemaName, unframe
from schemas.catalogue import Contract
from schemas.errors import FramingError
from schemas.registry.client import Registry

__all__ = ["UNDECODABLE", "RecordDecoder"]

UNDECODABLE: Final = (
    FramingError,
    SchemaResolutionError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
)
"""The errors that `RecordDecoder.fields` raises for bytes that are no such record."""


class RecordDecoder:
    """Decodes records, each with its writer schema, into the fields of the newest schema."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self._registry = registry
        self._reader = fastavro.parse_schema(contract.newest.parsed)
        self._writers: dict[SchemaName, Any] = {}

    def fields(self, value: bytes, headers: Headers | None = None) -> Any:  # noqa: ANN401  fastavro's own records are untyped
        """Decode the fields of a record.

        Args:
            value: The record's value in Kafka.
            headers: Its headers; they may name its schema.

        Raises:
            UNDECODABLE: The value holds no such record.
            RegistryError: The registry does not give the schema that it was written with.
        """
        name, payload = unframe(value, headers)
        writer = self._writer(name)
        return fastavro.schemaless_reader(BytesIO(payload), writer, self._reader)

    def _writer(self, name: SchemaName) -> Any:  # noqa: ANN401  fastavro's own schemas are untyped
        if name not in self._writers:
            text = self._registry.schema_text(name)
            self._writers[name] = fastavro.parse_schema(json.loads(text))
        return self._writers[name]
