"""Decode cursors from Kafka."""

from pydantic import ValidationError

from producer.errors import CursorUnusable
from producer.kafka.decoder import UNDECODABLE, RecordDecoder
from producer.model.cursor import Cursor
from schemas.catalogue import Contract
from schemas.registry.client import Registry

__all__ = ["CursorDecoder"]


class CursorDecoder:
    """Reads cursors, whatever version of their schema they were written with."""

    def __init__(self, registry: Registry, contract: Contract) -> None:
        self._decoder = RecordDecoder(registry, contract)

    def decode(self, value: bytes) -> Cursor:
        """Decode the cursor in a framed value.

        Raises:
            CursorUnusable: The value holds no cursor.
            RegistryError: The registry does not give the schema that it was written with.
        """
        try:
            return Cursor.model_validate(self._decoder.fields(value))
        except (*UNDECODABLE, ValidationError) as error:
            raise CursorUnusable(
                f"a cursor in Kafka cannot be decoded ({error}); either another program wrote to "
                "the topic, or SCHEMA_REGISTRY_URL is not the registry that it was written with"
            ) from error
