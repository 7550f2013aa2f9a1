"""From our records to the framed Avro that the contract asks for."""

from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from pydantic import BaseModel

from producer.errors import EncodingFailed, SchemaMissing
from schemas.catalogue import Contract
from schemas.errors import SchemaNotRegistered
from schemas.registry import Registry

__all__ = ["RecordSerializer"]


class RecordSerializer:
    """Writes records of one contract for one topic, in the newest version of their schema.

    Attributes:
        topic: The topic whose values these are.
    """

    def __init__(self, registry: Registry, contract: Contract, topic: str) -> None:
        self.topic = topic
        self._registry = registry
        self._contract = contract
        self._context = SerializationContext(topic, MessageField.VALUE)
        self._serializer = AvroSerializer(
            registry.client,
            contract.newest.text,
            conf={
                # Only `make register-schemas` registers.
                "auto.register.schemas": False,
                # Off, or nothing checks that what we write fits the version found.
                "use.latest.version": False,
                # The library's default asks the registry which subject is meant.
                "subject.name.strategy.type": "TOPIC",
                # Without it a field that the schema does not have is dropped in silence.
                "validate.strict": True,
            },
        )

    def check_registered(self) -> None:
        """Makes sure, before the first record is at hand, that its schema is registered.

        The client keeps the answer, so that no later call needs the registry.

        Raises:
            SchemaMissing: It is not.
            RegistryError: The registry cannot tell.
        """
        subject = self._contract.subject(self.topic)
        try:
            self._registry.require(subject, self._contract.newest.text)
        except SchemaNotRegistered as exc:
            raise SchemaMissing(
                f"{self._contract.newest} is not registered as {subject} at {self._registry.url}; "
                "run `make register-schemas` (python -m schemas register) first"
            ) from exc

    def serialize(self, record: BaseModel) -> bytes:
        """The record as magic byte, schema id and Avro binary.

        Raises:
            EncodingFailed: The record does not fit the schema.
        """
        try:
            value: bytes = self._serializer(dict(record), self._context)
        except (TypeError, ValueError) as exc:
            raise EncodingFailed(f"{record!r} is no {self._contract.newest}: {exc}") from exc
        return value
