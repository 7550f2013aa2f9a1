"""Access to the schema registry, Confluent's API, with errors that tell what to do.

Works on Confluent's registry and on Apicurio's `/apis/ccompat/v7`. Where they differ
(seen on Confluent 8.1.1 and Apicurio 3.0.9): Apicurio answers a registration with the id alone,
skips id numbers and keeps the text as sent, so that white space makes another schema.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from schemas.errors import (
    IncompatibleSchema,
    RegistryError,
    SchemaNotFound,
    SchemaNotRegistered,
    SubjectNotFound,
)
from schemas.registry_errors import errors_told
from schemas.settings import RegistrySettings


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of a subject, as the registry holds it."""

    subject: str
    version: int
    schema_id: int
    text: str


class Registry:
    """A schema registry. Connects at the first call, not before.

    Attributes:
        url: Where it is.
        client: Confluent's own client, for its serializers.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        self.url = settings.url
        self.client = SchemaRegistryClient.new_client(settings.client_config())

    def schema_text(self, schema_id: int) -> str:
        """The schema with this id, over all subjects.

        Raises:
            SchemaNotFound: There is none.
        """
        not_found = SchemaNotFound(f"{self.url} holds no schema with id {schema_id}")
        with self._errors_told(not_found):
            return _text(self.client.get_schema(schema_id))

    def versions(self, subject: str) -> list[RegisteredVersion]:
        """All versions of a subject, oldest first.

        Raises:
            SubjectNotFound: There is no such subject.
        """
        with self._errors_told(self._no_subject(subject)):
            numbers: object = self.client.get_versions(subject)
            if not isinstance(numbers, list) or not numbers:
                raise TypeError("the answer is no list of versions")
            return [self._version(subject, number) for number in sorted(numbers)]

    def find(self, subject: str, text: str) -> RegisteredVersion | None:
        """The version of a subject that has this text, or None.

        This is the question that serializers ask. Apicurio 3.0.9 says no to a text that differs
        in white space from what was registered, so it is not answered by comparing content.
        """
        try:
            with self._errors_told(self._no_subject(subject)):
                held = self.client.lookup_schema(subject, Schema(text, "AVRO"))
                number, schema_id = _number(held.version), _number(held.schema_id)
                return RegisteredVersion(subject, number, schema_id, text)
        except SubjectNotFound:
            return None

    def require(self, subject: str, text: str) -> RegisteredVersion:
        """The version of a subject that has this text.

        Raises:
            SchemaNotRegistered: There is none; registering is a step of its own.
        """
        found = self.find(subject, text)
        if found is None:
            raise SchemaNotRegistered(
                f"{self.url} does not hold this version of {subject}; "
                "register it: python -m schemas register"
            )
        return found

    def register(self, subject: str, text: str) -> int:
        """Add a version to a subject and return its id; the same text again changes nothing.

        Raises:
            IncompatibleSchema: The registry's mode for the subject forbids it.
        """
        try:
            with self._errors_told(self._no_subject(subject)):
                return int(self.client.register_schema(subject, Schema(text, "AVRO")))
        except IncompatibleSchema as exc:
            raise IncompatibleSchema(f"{subject} takes no such version: {exc}") from exc

    def mode(self, subject: str) -> str | None:
        """The compatibility mode set for this very subject; None if it follows the global one."""
        unset = SubjectNotFound(subject)
        try:
            with self._errors_told(unset):
                return str(self.client.get_compatibility(subject))
        except SubjectNotFound:
            return None

    def global_mode(self) -> str:
        """The compatibility mode of every subject that has none of its own."""
        with self._errors_told(SubjectNotFound("the registry has no global mode")):
            return str(self.client.get_compatibility())

    def set_mode(self, subject: str, mode: str) -> None:
        """Set the compatibility mode of a subject, whether it exists yet or not."""
        with self._errors_told(self._no_subject(subject)):
            self.client.set_compatibility(subject, mode)

    def is_compatible(self, subject: str, text: str) -> bool:
        """Ask the registry whether this schema may follow, in the mode it declares.

        An unknown subject takes anything.
        """
        try:
            with self._errors_told(self._no_subject(subject)):
                schema = Schema(text, "AVRO")
                return bool(self.client.test_compatibility_all_versions(subject, schema))
        except SubjectNotFound:
            return True

    def _version(self, subject: str, number: int) -> RegisteredVersion:
        held = self.client.get_version(subject, number)
        return RegisteredVersion(subject, number, _number(held.schema_id), _text(held.schema))

    def _no_subject(self, subject: str) -> SubjectNotFound:
        return SubjectNotFound(f"{self.url} holds no subject {subject}")

    def _errors_told(self, not_found: RegistryError) -> AbstractContextManager[None]:
        return errors_told(self.url, not_found)


def same_schema(one: str, other: str) -> bool:
    """Whether two schema texts say the same, whatever their white space and order of keys."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        # A subject may hold a schema of another kind, which is no JSON.
        return False


def _number(value: int | None) -> int:
    if value is None:
        raise TypeError("the answer lacks a version or an id")
    return value


def _text(schema: Schema) -> str:
    text = schema.schema_str
    if not isinstance(text, str):
        raise TypeError("the answer holds no schema")
    return text
