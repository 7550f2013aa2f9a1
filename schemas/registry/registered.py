"""Reads the versions of a subject from a registry, live or deleted, with references inlined."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from schemas.avro.references import inlined

__all__ = [
    "AVRO",
    "RegisteredVersion",
    "number",
    "read_versions",
    "read_versions_ever",
    "self_contained",
]

AVRO: Final = "AVRO"


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of a subject, as the registry holds it.

    Attributes:
        subject: Its subject.
        version: The registry's number for it.
        schema_id: The id in the header of every record written with it.
        text: The schema, with the types that it references inlined.
        kind: AVRO, JSON or PROTOBUF.
        deleted: Whether it was soft-deleted: writing with it is forbidden, its records remain.
        fault: Why its references could not be inlined; empty if they were.
        guid: Identifies its content in all registries; empty if this one has none, as Apicurio.
    """

    subject: str
    version: int
    schema_id: int
    text: str
    kind: str = AVRO
    deleted: bool = False
    fault: str = ""
    guid: str = ""


def read_versions(client: SchemaRegistryClient, subject: str) -> list[RegisteredVersion]:
    """All live versions of a subject, oldest first.

    Raises:
        SchemaRegistryError, TypeError: As the client does, or where an answer is none.
    """
    return [_version(client, subject, at) for at in _numbers(client, subject)]


def read_versions_ever(client: SchemaRegistryClient, subject: str) -> list[RegisteredVersion]:
    """All versions of a subject, oldest first, those that were deleted softly among them.

    Raises:
        SchemaRegistryError, TypeError: As the client does, or where an answer is none.
    """
    ever = _numbers(client, subject, deleted=True)
    try:
        live = {*_numbers(client, subject)}
    except SchemaRegistryError as error:
        if not _is_not_found(error):
            raise
        live = set()  # all of them are deleted
    return [_version(client, subject, at, deleted=at not in live) for at in ever]


def self_contained(client: SchemaRegistryClient, schema: Schema) -> str:
    """Return a schema's text, with the types that it references inlined.

    Raises:
        SchemaRegistryError, TypeError, ValueError: A schema that it refers to cannot be read.
    """
    text = _text(schema)
    if not schema.references or schema.schema_type not in {None, AVRO}:
        return text
    return inlined(text, _referenced(client, schema, set()))


def number(value: int | None) -> int:
    """Check that an answer has a number.

    Raises:
        TypeError: The number is missing.
    """
    if value is None:
        raise TypeError("the answer lacks a version or an id")
    return value


def _numbers(client: SchemaRegistryClient, subject: str, *, deleted: bool = False) -> list[int]:
    numbers: object = client.get_versions(subject, deleted=deleted)
    if not isinstance(numbers, list) or not numbers:
        raise TypeError("the answer is no list of versions")
    return sorted(numbers)


def _version(
    client: SchemaRegistryClient, subject: str, at: int, *, deleted: bool = False
) -> RegisteredVersion:
    held = client.get_version(subject, at, deleted=deleted)
    schema_id, kind, fault = number(held.schema_id), held.schema.schema_type or AVRO, ""
    try:
        text = self_contained(client, held.schema)
    except (SchemaRegistryError, ValueError) as error:
        if isinstance(error, SchemaRegistryError) and not _is_not_found(error):
            raise
        text, fault = _text(held.schema), f"refers to a schema that cannot be read: {error}"
    return RegisteredVersion(subject, at, schema_id, text, kind, deleted, fault, held.guid or "")


def _referenced(
    client: SchemaRegistryClient, schema: Schema, seen: set[tuple[str, int]]
) -> Iterator[str]:
    """Yield the texts that a schema references, directly or indirectly, each once."""
    for reference in schema.references or ():
        place = (str(reference.subject), number(reference.version))
        if place in seen:
            continue
        seen.add(place)
        held = client.get_version(*place, deleted=True)
        yield _text(held.schema)
        yield from _referenced(client, held.schema, seen)


def _is_not_found(error: SchemaRegistryError) -> bool:
    return bool(error.http_status_code == HTTPStatus.NOT_FOUND)


def _text(schema: Schema) -> str:
    text = schema.schema_str
    if not isinstance(text, str):
        raise TypeError("the answer holds no schema")
    return text
