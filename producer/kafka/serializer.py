"""Serialize records to the framed Avro of the contract."""

from typing import Final
from uuid import UUID

import structlog

from producer.errors import EncodingFailed, SchemaMissing
from schemas.avro.encoding import Columns, RecordEncoder
from schemas.avro.wire import VALUE_SCHEMA_HEADER, SchemaIdFraming, identifier
from schemas.catalogue import Contract
from schemas.errors import SchemaNotRegistered
from schemas.registry.client import Registry
from schemas.registry.data_contract import rules_of_others
from schemas.registry.subject_state import associated_subject

__all__ = ["RecordSerializer"]

log = structlog.get_logger()

_NOT_OURS: Final = (
    "Confluent's serializers enforce these data-contract rules, this platform does not: put the "
    "rules that it should enforce into schemas/trade/rules.json"
)


class RecordSerializer:
    """Serializes records of one contract for one topic, in the newest version of their schema.

    The registry is asked once, for the id of that version; the framing and the encoder are then
    kept for all records.

    Args:
        framing: Where a record names its schema: `prefix`, by id before its bytes; `header`, by
            GUID in the Kafka header `__value_schema_id`, or by id if the registry has no GUIDs.

    Attributes:
        topic: The topic of the values.
        headers: The headers of each record, known once the schema is.
    """

    def __init__(
        self,
        registry: Registry,
        contract: Contract,
        topic: str,
        framing: SchemaIdFraming = "prefix",
    ) -> None:
        self.topic = topic
        self.headers: tuple[tuple[str, bytes], ...] = ()
        self._framing = framing
        self._registry = registry
        self._contract = contract
        self._encoder: RecordEncoder | None = None

    def check_registered(self) -> None:
        """Check, before the first record, that the schema is registered.

        The answer is kept, so that no later call needs the registry.

        Raises:
            SchemaMissing: It is not registered.
            RegistryError: The registry gave no answer.
        """
        self._encoder = self._open_encoder()

    def serialize(self, columns: Columns) -> list[bytes]:
        """Encode each record as Avro binary, after magic byte and schema id if framed by prefix.

        Raises:
            EncodingFailed: A record does not fit the schema.
            SchemaMissing, RegistryError: As for `check_registered`, if that was not called before.
        """
        if self._encoder is None:
            self._encoder = self._open_encoder()
        try:
            return self._encoder.encode(columns)
        except ValueError as error:
            raise EncodingFailed(f"not all records are {self._contract.newest}: {error}") from error

    def _open_encoder(self) -> RecordEncoder:
        newest = self._contract.newest
        default = self._contract.subject(self.topic)
        subject = associated_subject(self._registry, self.topic, default)
        try:
            # By its text: the version registered last need not be ours.
            registered = self._registry.require(subject, newest.text)
        except SchemaNotRegistered as error:
            raise SchemaMissing(
                f"{newest} is not registered as {subject} at {self._registry.url}; "
                "run `make register-schemas` (kraken-lake schemas register) first"
            ) from error
        self._log_rules_of_others(subject)
        if self._framing == "prefix":
            return RecordEncoder(newest.parsed, identifier(registered.schema_id))
        name = UUID(registered.guid) if registered.guid else registered.schema_id
        self.headers = ((VALUE_SCHEMA_HEADER, identifier(name)),)
        return RecordEncoder(newest.parsed)

    def _log_rules_of_others(self, subject: str) -> None:
        rules = rules_of_others(self._registry, subject, self._contract)
        if rules:
            log.warning("rules_not_enforced", subject=subject, rules=rules, advice=_NOT_OURS)
