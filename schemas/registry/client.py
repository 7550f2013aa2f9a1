"""The client of the schema registry (Confluent's API), with errors that say what to do.

It works with Confluent's registry and with Apicurio's `/apis/ccompat/v7`. They differ (seen on
Confluent 8.1.1 and Apicurio 3.0.9): Apicurio answers a registration with the id alone, skips id
numbers, and keeps the text as sent, so that other white space makes another schema.
"""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from runtime.settings import RegistrySettings
from schemas.avro.wire import SchemaName
from schemas.errors import (
    IncompatibleSchema,
    RegistryError,
    SchemaNotFound,
    SchemaNotRegistered,
    SubjectNotFound,
)
from schemas.registry.client_errors import translated_errors
from schemas.registry.registered import (
    RegisteredVersion,
    number,
    read_versions,
    read_versions_ever,
    self_contained,
)

__all__ = ["Registry", "same_schema"]

_Answer = TypeVar("_Answer")


class Registry:
    """A schema registry. Connects at the first call, not before.

    Attributes:
        url: Where it is.
        client: Confluent's own client, for its serializers.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        self.url = settings.url
        self.client = SchemaRegistryClient.new_client(settings.client_config())

    def schema_text(self, name: SchemaName) -> str:
        """Return the schema with this id or GUID, from any subject.

        Raises:
            SchemaNotFound: There is none.
        """
        kind = "GUID" if isinstance(name, UUID) else "id"
        not_found = SchemaNotFound(f"{self.url} holds no schema with {kind} {name}")
        with self._translated_errors(not_found):
            if isinstance(name, UUID):
                return self_contained(self.client, self._by_guid(name, not_found))
            return self_contained(self.client, self.client.get_schema(name))

    def subjects_of(self, schema_id: int) -> list[str]:
        """Return the subjects that have a version with this id, including deleted ones."""
        path = f"schemas/ids/{schema_id}/versions"
        found = self.ask(path, {"deleted": "true"}, list) or []
        return sorted({str(one["subject"]) for one in found if isinstance(one, dict)})

    def _by_guid(self, guid: UUID, not_found: SchemaNotFound) -> Schema:
        """Get a schema by GUID. Apicurio 3.0.9 has no such path, and answers 404 without a code."""
        try:
            return self.client.get_schema_by_guid(str(guid))
        except SchemaRegistryError as error:
            if error.http_status_code == HTTPStatus.NOT_FOUND:
                raise not_found from error
            raise

    def guid_text(self, guid: str) -> str | None:
        """Return the schema with this GUID, from any subject; None if there is none."""
        found = self.ask(f"schemas/guids/{guid}", {}, dict)
        return None if found is None else str(found.get("schema"))

    def versions(self, subject: str) -> list[RegisteredVersion]:
        """Return all versions of a subject, oldest first.

        Raises:
            SubjectNotFound: There is no such subject.
        """
        with self._translated_errors(self._no_subject(subject)):
            return read_versions(self.client, subject)

    def versions_ever(self, subject: str) -> list[RegisteredVersion]:
        """Return all versions of a subject, oldest first, including soft-deleted ones.

        The client's caches are cleared first, since a registry that was set up again gives old
        numbers and ids another meaning.

        Raises:
            SubjectNotFound: There never was such a subject.
        """
        self.client.clear_caches()  # type: ignore[no-untyped-call]  # the client's own gap
        with self._translated_errors(self._no_subject(subject)):
            return read_versions_ever(self.client, subject)

    def find(self, subject: str, text: str) -> RegisteredVersion | None:
        """Return the version of a subject that has this text, or None.

        This is the look-up that serializers do. Apicurio 3.0.9 does not find a text that differs in
        white space from the registered one, so the registry is asked instead of comparing content.
        """
        try:
            with self._translated_errors(self._no_subject(subject)):
                held = self.client.lookup_schema(subject, Schema(text, "AVRO"))
                version, schema_id = number(held.version), number(held.schema_id)
                guid = held.guid or ""
                return RegisteredVersion(subject, version, schema_id, text, guid=guid)
        except SubjectNotFound:
            return self._with_rules(subject, text)

    def require(self, subject: str, text: str) -> RegisteredVersion:
        """Return the version of a subject that has this text.

        Raises:
            SchemaNotRegistered: There is none; registering is a step of its own.
        """
        found = self.find(subject, text)
        if found is None:
            raise SchemaNotRegistered(
                f"{self.url} does not hold this version of {subject}; "
                "register it: make register-schemas (kraken-lake schemas register)"
            )
        return found

    def register(
        self, subject: str, text: str, contract: Mapping[str, object] | None = None
    ) -> int:
        """Add a version to a subject and return its id; idempotent.

        Args:
            subject: Its subject.
            text: The schema.
            contract: `metadata` and `ruleSet`, for registries that keep them.

        Raises:
            IncompatibleSchema: The registry's mode for the subject forbids it.
        """
        try:
            with self._translated_errors(self._no_subject(subject)):
                schema = Schema.from_dict({"schema": text, **(contract or {})})
                return int(self.client.register_schema(subject, schema))
        except IncompatibleSchema as error:
            raise IncompatibleSchema(f"{subject} takes no such version: {error}") from error

    def ask(self, path: str, query: dict[str, str], kind: type[_Answer]) -> _Answer | None:
        """Get the answer at a path of the registry's API that its client has no method for.

        None if there is no such thing, or if the registry does not have this path.

        Args:
            path: Below the registry's address.
            query: Its parameters.
            kind: The type that the answer's JSON must have, `dict` or `list`.
        """
        with self._translated_errors(SubjectNotFound(path)):
            answer = self._get(path, query)
            if answer is not None and not isinstance(answer, kind):
                raise TypeError(f"the answer at {path} is no {kind.__name__}")
            return answer

    def _get(self, path: str, query: dict[str, str]) -> object:
        if self.url.startswith("mock://"):  # the client's mock for tests, which has no API
            return None
        try:
            # The client's own session, with its login, certificates and retries.
            answer: object = self.client._rest_client.get(path, query)  # noqa: SLF001
        except SchemaRegistryError as error:
            if error.http_status_code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return answer

    def set_mode(self, subject: str, mode: str) -> None:
        """Set the compatibility mode of a subject, whether it exists yet or not."""
        with self._translated_errors(self._no_subject(subject)):
            self.client.set_compatibility(subject, mode)

    def unset_mode(self, subject: str) -> None:
        """Delete a subject's own settings, so that the registry's apply again."""
        with self._translated_errors(self._no_subject(subject)):
            self.client.delete_config(subject)

    def is_compatible(self, subject: str, text: str) -> bool:
        """Ask the registry whether this schema may follow, in the mode it declares.

        An unknown subject accepts any schema.
        """
        try:
            with self._translated_errors(self._no_subject(subject)):
                schema = Schema(text, "AVRO")
                return bool(self.client.test_compatibility_all_versions(subject, schema))
        except SubjectNotFound:
            return True

    def _with_rules(self, subject: str, text: str) -> RegisteredVersion | None:
        """Return the newest version with this text among those that have metadata or rules.

        Confluent's registry treats them as part of a schema: a look-up of the plain text finds a
        version with rules only while the subject's newest version has exactly the same ones.
        """
        with self._translated_errors(self._no_subject(subject)):
            try:
                numbers = self.client.get_versions(subject)
            except SchemaRegistryError as error:
                if error.http_status_code == HTTPStatus.NOT_FOUND:
                    return None
                raise
            for version in sorted(numbers, reverse=True):
                held = self.client.get_version(subject, version)
                has_more = held.schema.metadata is not None or held.schema.rule_set is not None
                if has_more and same_schema(held.schema.schema_str or "", text):
                    schema_id, guid = number(held.schema_id), held.guid or ""
                    return RegisteredVersion(subject, version, schema_id, text, guid=guid)
        return None

    def _no_subject(self, subject: str) -> SubjectNotFound:
        return SubjectNotFound(
            f"{self.url} holds no subject {subject}; "
            "register it: make register-schemas (kraken-lake schemas register)"
        )

    def _translated_errors(self, not_found: RegistryError) -> AbstractContextManager[None]:
        return translated_errors(self.url, not_found)


def same_schema(one: str, other: str) -> bool:
    """Return whether two schema texts are equal except for white space and the order of keys."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        # A subject may hold a schema of another kind, which is not JSON.
        return False
