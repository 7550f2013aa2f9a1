"""Reading framed records back from Kafka."""

import json
from io import BytesIO
from typing import Any, Final

import fastavro
from fastavro.read import SchemaResolutionError

from schemas.catalogue import Contract
from schemas.errors import FramingError
from schemas.registry import Registry
from schemas.wire import unframe

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
"""All that `RecordDecoder.fields` raises on bytes that are no such record."""


class RecordDecoder:
    """Reads records, each with the schema that its header names, into the newest one's fields."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self._registry = registry
        self._reader = fastavro.parse_schema(contract.newest.parsed)
        self._writers: dict[int, Any] = {}

    def fields(self, value: bytes) -> Any:  # noqa: ANN401  fastavro's own records are untyped
        """The fields of the record in a framed value.

        Raises:
            UNDECODABLE: There is none in it.
            RegistryError: The registry does not give the schema that it was written with.
        """
        schema_id, payload = unframe(value)
        writer = self._writer(schema_id)
        return fastavro.schemaless_reader(BytesIO(payload), writer, self._reader)

    def _writer(self, schema_id: int) -> Any:  # noqa: ANN401  fastavro's own schemas are untyped
        if schema_id not in self._writers:
            text = self._registry.schema_text(schema_id)
            self._writers[schema_id] = fastavro.parse_schema(json.loads(text))
        return self._writers[schema_id]
