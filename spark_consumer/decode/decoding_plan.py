"""The plan by which a micro-batch is decoded: every known schema, and what to do with it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from schemas.avro.conversion import NotConvertible, Reading, reading
from schemas.avro.wire import SchemaName
from schemas.catalogue import Contract
from schemas.checks.content import content, outermost
from schemas.checks.faults import ContractRule
from schemas.checks.validity import validity_faults
from schemas.registry.reader_choice import Reader, no_record_of_ours
from schemas.registry.registered import RegisteredVersion
from spark_consumer.decode.length_check import guard_name

__all__ = ["DecodingPlan", "make_plan"]


@dataclass(frozen=True)
class DecodingPlan:
    """The known schemas and what to do with their records.

    Attributes:
        writers: the writer schemas that records are decoded by, by registry id.
        reader: the reader schema.
        reader_name: its name in messages: `trade v2`.
        foreign: ids and GUIDs that the registry holds under other subjects.
        foreign_subjects: the names of those subjects by id, if the registry gives them.
        refused: ids of the subject whose records cannot be trades, and why.
        left_out: ids whose records have fields or symbols that the reader lacks, and which.
        guids: the id of each GUID, for schemas of the subject.
    """

    writers: Mapping[int, str]
    reader: str
    reader_name: str
    foreign: frozenset[SchemaName] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)
    left_out: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    foreign_subjects: Mapping[int, str] = field(default_factory=dict)
    guids: Mapping[UUID, int] = field(default_factory=dict)

    def names_of(self, schema_ids: Collection[int]) -> list[SchemaName]:
        """Return all names that records may use for these schemas: their ids, then their GUIDs."""
        return [*schema_ids, *(guid for guid, one in self.guids.items() if one in schema_ids)]

    def id_of(self, name: SchemaName) -> int | None:
        """Return the id of a schema; None for a GUID that the subject does not have."""
        return self.guids.get(name) if isinstance(name, UUID) else name

    @cached_property
    def guard(self) -> str:
        """The name of the guard's field, which no schema of the plan has."""
        return guard_name([self.reader, *self.writers.values()])

    @cached_property
    def readings(self) -> Mapping[int, Reading]:
        """How the records of each writer are read into the reader."""
        return {one: reading(writer, self.reader) for one, writer in self.writers.items()}


def make_plan(
    versions: Iterable[RegisteredVersion],
    contract: Contract,
    reader: Reader,
    foreign: frozenset[SchemaName],
    guids: Mapping[UUID, int],
) -> DecodingPlan:
    """Sort the subject's versions by what can be done with their records."""
    writers: dict[int, str] = {}
    refused: dict[int, str] = {}
    left_out: dict[int, tuple[str, ...]] = {}
    known = content(reader.text, aliases=True)
    for version in versions:
        reason = no_record_of_ours(version, contract) or _unreadable(version.text, reader.text)
        if reason:
            refused[version.schema_id] = f"schema id {version.schema_id} {reason}"
            continue
        writers[version.schema_id] = version.text
        lost = outermost(content(version.text) - known)
        if lost:
            left_out[version.schema_id] = lost
    return DecodingPlan(writers, reader.text, reader.name, foreign, refused, left_out, guids=guids)


def _unreadable(writer: str, reader: str) -> str:
    """Return why records of a writer cannot be read; empty if they can."""
    faults = [fault for fault in validity_faults(writer) if fault.rule is ContractRule.VALID_AVRO]
    if faults:
        return f"is no valid Avro: field {faults[0].field} {faults[0].message}"
    try:
        reading(writer, reader)
    except NotConvertible as error:
        return str(error)
    return ""
