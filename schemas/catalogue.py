"""The schemas that `schemas/` declares: each record's versions, and its compatibility mode.

A record's versions are the files `<record>/v1.avsc`, `v2.avsc` and so on. A released file never
changes; a change is a new file.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from runtime.topics import TopicNames
from schemas.errors import CatalogueError

__all__ = [
    "SCHEMAS_FOLDER",
    "Catalogue",
    "Contract",
    "SchemaVersion",
    "load_catalogue",
    "version_files",
]

SCHEMAS_FOLDER = Path(__file__).parent

# FULL_TRANSITIVE: every version reads, and is read by, every other. Producers and consumers may
# then be upgraded in any order, and old topics and files stay readable.
_MODES = {"trade": "FULL_TRANSITIVE", "cursor": "FULL_TRANSITIVE"}

_VERSION_FILE = re.compile(r"v([1-9]\d*)\.avsc")


@dataclass(frozen=True)
class SchemaVersion:
    """One version of a record's schema.

    Attributes:
        record: The record's name, which is also its folder's: `trade`.
        version: 1 for the first; the registry numbers its versions independently.
        text: The schema as it is registered: compact JSON, keys in the file's order. Some
            registries give a new id if only white space changed, so there is only one text.
    """

    record: str
    version: int
    text: str

    @cached_property
    def parsed(self) -> dict[str, Any]:
        """The schema as JSON; do not modify it."""
        schema: dict[str, Any] = json.loads(self.text)
        return schema

    def __str__(self) -> str:
        return f"{self.record} v{self.version}"


@dataclass(frozen=True)
class Contract:
    """All versions of one record, oldest first, and the compatibility mode between them."""

    record: str
    mode: str
    versions: tuple[SchemaVersion, ...]

    @property
    def newest(self) -> SchemaVersion:
        """The version that producers write."""
        return self.versions[-1]

    def version(self, number: int) -> SchemaVersion:
        """Return the version with this number.

        Raises:
            CatalogueError: There is no such version.
        """
        if not 1 <= number <= len(self.versions):
            raise CatalogueError(
                f"{self.record} has no v{number}; there is v1 to v{len(self.versions)}"
            )
        return self.versions[number - 1]

    def subject(self, topic: str) -> str:
        """Return the registry's subject for the values of `topic` (TopicNameStrategy)."""
        return f"{topic}-value"


@dataclass(frozen=True)
class Catalogue:
    """The contracts of all records."""

    trade: Contract
    cursor: Contract

    def __iter__(self) -> Iterator[Contract]:
        return iter((self.trade, self.cursor))

    def subjects(self, kafka_topic: str) -> Mapping[str, Contract]:
        """Map each subject of the registry to the contract that it must satisfy.

        Args:
            kafka_topic: The topic of the trades, KAFKA_TOPIC; the others are named after it.
        """
        held = self.topics(kafka_topic)
        return {contract.subject(topic): contract for topic, contract in held.items()}

    def topics(self, kafka_topic: str) -> Mapping[str, Contract]:
        """Map each topic to the contract that its values must satisfy.

        Args:
            kafka_topic: As for `subjects`.
        """
        names = TopicNames(trades=kafka_topic)
        return {names.trades: self.trade, names.cursors: self.cursor}


def load_catalogue(folder: Path = SCHEMAS_FOLDER) -> Catalogue:
    """Read every schema file below `folder`.

    Raises:
        CatalogueError: A file is missing, misnamed or no JSON object.
    """
    contracts = {record: _load_contract(folder / record, mode) for record, mode in _MODES.items()}
    return Catalogue(**contracts)


def version_files(folder: Path) -> dict[int, Path]:
    """List the version files of one record's folder, by version, in order.

    Raises:
        CatalogueError: A name is no `vN.avsc`, or a version between is missing.
    """
    found: dict[int, Path] = {}
    for path in folder.glob("*.avsc"):
        match = _VERSION_FILE.fullmatch(path.name)
        if match is None:
            raise CatalogueError(f"{path}: name schema files v1.avsc, v2.avsc and so on")
        found[int(match[1])] = path
    if not found:
        raise CatalogueError(f"{folder}: there is no schema file here")
    missing = sorted(set(range(1, max(found) + 1)) - found.keys())
    if missing:
        raise CatalogueError(f"{folder}: v{missing[0]}.avsc is missing; versions have no gaps")
    return dict(sorted(found.items()))


def _load_contract(folder: Path, mode: str) -> Contract:
    versions = tuple(
        SchemaVersion(folder.name, number, _canonical_text(path))
        for number, path in version_files(folder).items()
    )
    return Contract(folder.name, mode, versions)


def _canonical_text(path: Path) -> str:
    try:
        schema = json.loads(path.read_bytes())
    except ValueError as error:
        raise CatalogueError(f"{path} is no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise CatalogueError(f"{path} holds no Avro record, which is a JSON object")
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
