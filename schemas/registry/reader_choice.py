"""Which schema the records of a topic are read into, chosen by content and never by number alone.

The highest version number of a subject proves nothing: an old text that is registered again gets
it (seen on Confluent 8.3.1), and so does whatever a client with default settings registers by
itself. A reader that lacks a field loses it for every record that it reads.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.catalogue import Catalogue, Contract, SchemaVersion
from schemas.checks.compatibility import Mode, NamedSchema, candidate_faults
from schemas.checks.validity import parse_record
from schemas.errors import CatalogueError, SubjectNotFound
from schemas.registry.client import Registry, same_schema
from schemas.registry.registered import AVRO, RegisteredVersion
from schemas.registry.subject_state import associated_subject

__all__ = [
    "Choice",
    "PassedOver",
    "Reader",
    "choose_reader",
    "content",
    "declared_as",
    "no_record_of_ours",
    "outermost",
    "standing_faults",
    "subjects_faults",
]


@dataclass(frozen=True)
class Reader:
    """A schema that records are read into.

    Attributes:
        name: What a message calls it: `trade v2`, or `kraken.trades-value version 5`.
        text: The schema.
    """

    name: str
    text: str


@dataclass(frozen=True)
class PassedOver:
    """A registered version that is no reader, and why, in words that follow "version 3"."""

    version: RegisteredVersion
    reason: str


@dataclass(frozen=True)
class Choice:
    """The reader, and the versions passed over that someone should know of."""

    reader: Reader
    passed_over: tuple[PassedOver, ...] = ()


def choose_reader(
    held: Iterable[RegisteredVersion], contract: Contract, present: Reader | None = None
) -> Choice:
    """The schema that loses nothing which the catalogue's newest, or the present reader, has.

    It is one of these two, or a registered version that the contract's rules allow and that has
    all of their content and more. Versions that have the same content change nothing.

    Args:
        held: The subject's versions.
        contract: What the subject is held to.
        present: The reader until now; None at a start.
    """
    reader = present or Reader(str(contract.newest), contract.newest.text)
    ordered = sorted(held, key=lambda one: one.version)
    for version in ordered:
        if not _objection(version, contract, reader) and content(version.text) > content(
            reader.text
        ):
            declared = declared_as(version, contract)
            reader = Reader(str(declared) if declared else _name(version), version.text)
    return Choice(reader, tuple(_passed_over(ordered, contract, reader)))


def standing_faults(held: Iterable[RegisteredVersion], contract: Contract) -> list[str]:
    """What stands in a subject and should not, a sentence a version.

    That is: versions which the contract refuses, and those behind the newest of ours that are
    older or none of ours. No stream reads by them; other readers that take the newest one do.
    """
    live = [version for version in held if not version.deleted]
    return [
        f"{_name(one.version)} (id {one.version.schema_id}) {one.reason}"
        for one in choose_reader(live, contract).passed_over
    ]


def subjects_faults(catalogue: Catalogue, topic: str, registry: Registry) -> list[str]:
    """What stands in the registry and should not, over all subjects of the platform.

    Args:
        catalogue: What the subjects are held to.
        topic: The topic of the trades, KAFKA_TOPIC.
        registry: Whom to ask.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    faults = []
    for name, contract in catalogue.topics(topic).items():
        subject = associated_subject(registry, name, contract.subject(name))
        try:
            faults += standing_faults(registry.versions(subject), contract)
        except SubjectNotFound:
            continue
    return faults


def no_record_of_ours(version: RegisteredVersion, contract: Contract) -> str:
    """Why a version declares another thing than the contract's record; empty where it does not."""
    if version.kind != AVRO:
        return f"is a schema of kind {version.kind}, not Avro"
    if version.fault:
        return version.fault
    try:
        record = parse_record(version.text)
    except CatalogueError as error:
        return f"is no schema of a record: {error}"
    ours = parse_record(contract.newest.text).fullname
    return "" if record.fullname == ours else f"declares {record.fullname}, not {ours}"


def content(text: str) -> frozenset[str]:
    """What records of a schema can tell: its fields, by path, and the symbols of its enums.

    Raises:
        ValueError: The text is no JSON.
    """
    return frozenset(_content(json.loads(text), ""))


def outermost(paths: frozenset[str]) -> tuple[str, ...]:
    """Of some content what does not lie within a field that is there too, sorted."""
    return tuple(
        path
        for path in sorted(paths)
        if not any(path.startswith((f"{other}.", f"{other}=")) for other in paths)
    )


def declared_as(version: RegisteredVersion, contract: Contract) -> SchemaVersion | None:
    """The catalogue's version that says the same, whatever its white space and order of keys."""
    return next((one for one in contract.versions if same_schema(one.text, version.text)), None)


def _passed_over(
    held: Sequence[RegisteredVersion], contract: Contract, reader: Reader
) -> Iterator[PassedOver]:
    """Versions that stand behind the reader's own, or that the contract refuses wherever."""
    own = max((one.version for one in held if same_schema(one.text, reader.text)), default=0)
    for version in held:
        refusal = _refusal(version, contract, reader)
        lack = "" if refusal else _lack(version, contract, reader)
        # Ours that are older stand alone where the newest is not registered yet, as they should.
        is_news = version.version > own and (own or not declared_as(version, contract))
        if refusal or (lack and is_news and not version.deleted):
            yield PassedOver(version, refusal or lack)


def _objection(version: RegisteredVersion, contract: Contract, reader: Reader) -> str:
    if version.deleted:
        return "was deleted"
    return _refusal(version, contract, reader) or _lack(version, contract, reader)


def _refusal(version: RegisteredVersion, contract: Contract, reader: Reader) -> str:
    """Why the contract takes no such version; empty where it does."""
    stranger = no_record_of_ours(version, contract)
    if stranger or declared_as(version, contract):
        return stranger
    before = [NamedSchema(str(one), one.text) for one in contract.versions]
    if reader.name not in {one.name for one in before}:
        before.append(NamedSchema(reader.name, reader.text))
    before = [one for one in before if not same_schema(one.text, version.text)]
    faults = candidate_faults(
        NamedSchema(_name(version), version.text), before, Mode(contract.mode)
    )
    return f"is refused by the contract: {faults[0]}" if faults else ""


def _lack(version: RegisteredVersion, contract: Contract, reader: Reader) -> str:
    lost = outermost(content(reader.text) - content(version.text))
    if not lost:
        return ""
    declared = declared_as(version, contract)
    what = f"is {declared}, older than {reader.name}, and" if declared else "is none of ours and"
    return f"{what} lacks {', '.join(lost)}, which {reader.name} has"


def _name(version: RegisteredVersion) -> str:
    return f"{version.subject} version {version.version}"


def _content(schema: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - Avro's JSON
    match schema:
        case list():
            for branch in schema:
                yield from _content(branch, path)
        case {"type": "enum", "symbols": list(symbols)}:
            yield from (f"{path}={symbol}" for symbol in symbols)
        case {"type": "record", "fields": list(fields)}:
            for field in fields:
                inside = f"{path}.{field['name']}" if path else str(field["name"])
                yield inside
                yield from _content(field["type"], inside)
        case {"type": "array", "items": part} | {"type": "map", "values": part}:
            yield from _content(part, path)
        case {"type": dict() | list() as inner}:
            yield from _content(inner, path)
