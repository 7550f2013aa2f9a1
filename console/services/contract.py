"""The contract as the catalogue declares it, and as the registry holds it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.settings import RegistrySettings
from schemas.catalogue import Contract, SchemaVersion, load_catalogue
from schemas.documents.dictionary import since_version, type_name
from schemas.registry.client import Registry
from schemas.registry.difference import Row, difference
from schemas.registry.subject_state import associated_subject, held_versions, subject_state
from schemas.rules import rules_of

__all__ = ["Field", "Record", "Registered", "ask_registry", "records"]


@dataclass(frozen=True)
class Field:
    """A field of the newest version."""

    name: str
    type: str
    since: int
    default: str
    meaning: str
    rules: str


@dataclass(frozen=True)
class Record:
    """One record of the contract.

    Attributes:
        name: its full name.
        doc: what it is.
        topic: the topic whose values it describes.
        subject: its subject in the registry.
        mode: the compatibility that its versions keep.
        versions: its version numbers.
        fields: the fields of the newest version.
        changes: what each version changed, as sentences, per version.
    """

    name: str
    doc: str
    topic: str
    subject: str
    mode: str
    versions: Sequence[int]
    fields: Sequence[Field]
    changes: Mapping[int, Sequence[str]]


@dataclass(frozen=True)
class Registered:
    """One subject as the registry holds it.

    Attributes:
        subject: its name.
        level: its compatibility level.
        rows: its schemas beside the catalogue's.
    """

    subject: str
    level: str
    rows: Sequence[Row]


def records(topic: str) -> list[Record]:
    """Read the contract from the catalogue, which needs no service.

    Args:
        topic: the topic of the trades, KAFKA_TOPIC.

    Raises:
        CatalogueError: A schema file is missing or invalid.
    """
    return [_record(name, one) for name, one in load_catalogue().topics(topic).items()]


def ask_registry(settings: RegistrySettings, topic: str) -> list[Registered]:
    """Ask the registry for the subjects of the contract.

    Raises:
        RegistryError: It did not answer, or associates a topic with several subjects.
    """
    registry = Registry(settings)
    found = []
    for name, contract in load_catalogue().topics(topic).items():
        subject = associated_subject(registry, name, contract.subject(name))
        held = held_versions(registry, subject)
        level = subject_state(registry, subject).level if held else "not registered"
        found.append(Registered(subject, level, difference(subject, contract, held, None, {})))
    return found


def _record(topic: str, contract: Contract) -> Record:
    newest = contract.newest.parsed
    rules = rules_of(contract.record)
    return Record(
        name=f"{newest['namespace']}.{newest['name']}",
        doc=newest["doc"],
        topic=topic,
        subject=contract.subject(topic),
        mode=contract.mode,
        versions=[version.version for version in contract.versions],
        fields=[
            Field(
                name=one["name"],
                type=type_name(one["type"]),
                since=since_version(contract, one["name"]),
                default=json.dumps(one["default"]) if "default" in one else "",
                meaning=one["doc"],
                rules=", ".join(rule.name for rule in rules if rule.field == one["name"]),
            )
            for one in newest["fields"]
        ],
        changes={
            version.version: list(_changes(before, version))
            for before, version in zip((None, *contract.versions), contract.versions, strict=False)
        },
    )


def _changes(before: SchemaVersion | None, version: SchemaVersion) -> Iterator[str]:
    new = {one["name"]: one for one in version.parsed["fields"]}
    if before is None:
        yield f"The first version, with {len(new)} fields."
        return
    old = {one["name"]: one for one in before.parsed["fields"]}
    for name in new.keys() - old.keys():
        yield f"Adds {name}, {_described(new[name])}."
    for name in old.keys() - new.keys():
        yield f"Removes {name}."
    for name in new.keys() & old.keys():
        if type_name(new[name]["type"]) != type_name(old[name]["type"]):
            yield f"{name} is {type_name(new[name]['type'])}, was {type_name(old[name]['type'])}."
        elif new[name] != old[name]:
            yield f"{name} has another text or default."


def _described(field: Mapping[str, Any]) -> str:
    default = f", default {json.dumps(field['default'])}" if "default" in field else ""
    return f"{type_name(field['type'])}{default}"
