"""Caches the schemas that the topic's records name; looks up new ones in the registry."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

import structlog

from schemas.avro.wire import SchemaName
from schemas.catalogue import Contract
from schemas.errors import (
    CatalogueError,
    RegistryAnswerInvalid,
    RegistryError,
    RegistryUnavailable,
    SchemaNotFound,
    SubjectNotFound,
)
from schemas.registry.client import Registry, same_schema
from schemas.registry.reader_choice import PassedOver, Reader, choose_reader
from schemas.registry.registered import RegisteredVersion
from schemas.registry.retry import ask_patiently
from spark_consumer.decode.decoding_plan import DecodingPlan, make_plan
from spark_consumer.decode.registry_patience import Asking, Denials, asked_about, few_of
from spark_consumer.errors import ReaderSchemaUnknown, SchemaIdReused

__all__ = ["SchemaCache"]

_ASK_AGAIN_AFTER = 1.0
_RECHECK_AFTER = 60.0
log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")

_AT_FAULT = (RegistryUnavailable, RegistryAnswerInvalid)
"""A registry's failure says nothing about a record: the call is retried, no record is quarantined.

A refused login (401, 403) is not retried: it stays refused until its settings are changed.
"""

_AT_FAULT_LATER = (*_AT_FAULT, SubjectNotFound)
"""A registry that no longer knows a subject it knew before has not read its storage yet."""


class SchemaCache:
    """Holds the current decoding plan, which grows when a record names an unknown schema id.

    The registry is not asked while all ids are known. An id that is not one of the subject's
    versions is looked up again in each batch that has it, since it may be registered at any time.
    What was learnt is never forgotten, whatever the registry says later. If it gives another schema
    for a known id, the stream stops.

    Args:
        registry: the registry to ask.
        subject: the subject of the trades.
        contract: the contract that its versions must satisfy.
        pinned_version: the contract's version to read into; None for the one that loses no field.
        asking: how long to retry.

    Raises:
        RegistryError: The registry stayed at fault, or knows no such subject.
        ReaderSchemaUnknown: The contract has no such version.
    """

    def __init__(
        self,
        registry: Registry,
        subject: str,
        contract: Contract,
        *,
        pinned_version: int | None = None,
        asking: Asking | None = None,
    ) -> None:
        self._registry = registry
        self._subject = subject
        self._contract = contract
        self._asking = asking or Asking()
        self._denials = Denials(self._asking)
        self._pinned = None if pinned_version is None else _pinned(contract, pinned_version)
        self._present: Reader | None = None
        self._known: dict[int, RegisteredVersion] = {}
        self._guids: dict[UUID, int] = {}
        self._listed: list[RegisteredVersion] = []
        self._passed_over: set[tuple[int, str]] = set()
        self._foreign_subjects: dict[int, str] = {}
        self._read_at = self._asking.clock()
        self._read_versions(_AT_FAULT)
        self.plan = self._plan(foreign=frozenset())
        log.info("reader schema", schema=self.plan.reader_name)

    def learn(self, names: Iterable[SchemaName]) -> bool:
        """Look up ids and GUIDs that the plan lacks; True if the plan changed.

        Raises:
            RegistryError: The registry stayed at fault for longer than the patience.
            SchemaIdReused: An id that is known means another schema now.
        """
        unseen = set(names) - self._known.keys() - self._guids.keys()
        if not unseen:
            return False
        foreign = self._look_up(unseen)
        before = self.plan
        self.plan = self._plan(foreign=(before.foreign - unseen) | foreign)
        if self.plan.reader_name != before.reader_name:
            log.info("reader schema adopted", schema=self.plan.reader_name)
        return self.plan != before

    def recheck(self) -> None:
        """Compare the known ids with the registry if it answers; at most once a minute.

        Call this for a batch in which records with known ids could not be decoded: another registry
        may have given these ids to other schemas.

        Raises:
            SchemaIdReused: An id that is known means another schema now.
        """
        if self._asking.clock() - self._read_at < _RECHECK_AFTER:
            return
        self._read_at = self._asking.clock()
        try:
            self._count_in(self._registry.versions_ever(self._subject))
        except RegistryError as error:
            log.warning("schema ids could not be checked", error=str(error))

    def _look_up(self, names: set[SchemaName]) -> frozenset[SchemaName]:
        """Learn the subject's versions; return which of the names belong to other subjects.

        Returns when all are found, or when the registry has denied long enough that the rest belong
        to the subject.
        """
        while True:
            self._read_versions(_AT_FAULT_LATER)
            missing = names - self._known.keys() - self._guids.keys()
            foreign = frozenset(filter(self._is_of_another, asked_about(missing)))
            missing -= self._guids.keys()
            if self._denials.are_confirmed(missing, foreign):
                return foreign
            self._asking.sleep(_ASK_AGAIN_AFTER)

    def _read_versions(self, faults: tuple[type[RegistryError], ...]) -> None:
        versions = self._patiently(
            lambda: self._registry.versions_ever(self._subject),
            f"the versions of {self._subject}",
            faults,
        )
        self._read_at = self._asking.clock()
        self._count_in(versions)

    def _count_in(self, versions: list[RegisteredVersion]) -> None:
        """Add the versions that the registry holds now to the known ones.

        An id that the subject no longer has keeps its meaning for this run: records that name it
        were written when the subject had it. An id that now names another schema of the subject has
        two meanings in one topic, and no record says which.
        """
        listed = {version.schema_id: version for version in versions}
        for schema_id in sorted(listed.keys() & self._known.keys()):
            if not _same(self._known[schema_id], listed[schema_id]):
                raise SchemaIdReused(
                    f"schema id {schema_id} meant {self._subject} version "
                    f"{self._known[schema_id].version} when this run began, and means another "
                    f"schema now in {self._registry.url}: the registry was set up again, and "
                    "records from before and after cannot be distinguished by id. Nothing of this "
                    "batch has landed. Restore the registry's former ids; or, if all records "
                    "written before have landed, start again."
                )
        gone = sorted(self._known.keys() - listed.keys())
        if gone:
            log.warning("schema ids left the registry; their records are read on", ids=gone)
        self._known |= listed
        self._guids |= {UUID(one.guid): one.schema_id for one in versions if one.guid}
        self._listed = versions

    def _plan(self, foreign: frozenset[SchemaName]) -> DecodingPlan:
        choice = choose_reader(self._listed, self._contract, self._present)
        if self._pinned is None:
            self._present = choice.reader
            self._log_passed_over(choice.passed_over)
        reader = self._pinned or choice.reader
        plan = make_plan(self._known.values(), self._contract, reader, foreign, dict(self._guids))
        plan = replace(plan, foreign_subjects=self._names_of(foreign))
        # A pinned reader schema leaves fields out on purpose.
        return plan if self._pinned is None else replace(plan, left_out={})

    def _names_of(self, foreign: frozenset[SchemaName]) -> dict[int, str]:
        """Return the subjects of foreign ids for the quarantine; ask for each id once."""
        ids = {name for name in foreign if isinstance(name, int)}
        for one in ids - self._foreign_subjects.keys():
            with suppress(RegistryError):  # the name only helps people; do not wait for it
                self._foreign_subjects[one] = few_of(self._registry.subjects_of(one))
        return {one: self._foreign_subjects[one] for one in ids if self._foreign_subjects.get(one)}

    def _log_passed_over(self, passed_over: Iterable[PassedOver]) -> None:
        for one in passed_over:
            logged = (one.version.schema_id, one.reason)
            if logged not in self._passed_over:
                self._passed_over.add(logged)
                log.warning(
                    "version passed over as reader schema",
                    subject=self._subject,
                    version=one.version.version,
                    schema_id=one.version.schema_id,
                    reason=one.reason,
                )

    def _is_of_another(self, name: SchemaName) -> bool:
        """Return whether a name that the subject lacks belongs to another subject's schema.

        A GUID identifies content, and older registries list versions without it. So one with the
        content of a known version is added as that version's.
        """
        text = self._text_of(name)
        if text is None:
            return False
        ours = [one for one in self._known.values() if one.text == text]
        if isinstance(name, UUID) and ours:
            self._guids[name] = ours[-1].schema_id
            return False
        return True

    def _text_of(self, name: SchemaName) -> str | None:
        """Return the registry's schema of this name, in any subject; None if it has none."""
        try:
            return self._patiently(
                lambda: self._registry.schema_text(name), f"schema {name}", _AT_FAULT
            )
        except SchemaNotFound:
            return None

    def _patiently(
        self, call: Callable[[], _Answer], asked: str, faults: tuple[type[RegistryError], ...]
    ) -> _Answer:
        return ask_patiently(call, asked, on=faults, patience=self._asking.patience)


def _same(one: RegisteredVersion, other: RegisteredVersion) -> bool:
    return one.text == other.text or same_schema(one.text, other.text)


def _pinned(contract: Contract, number: int) -> Reader:
    try:
        version = contract.version(number)
    except CatalogueError as error:
        known = ", ".join(f"v{one.version}" for one in contract.versions)
        raise ReaderSchemaUnknown(
            f"READER_SCHEMA=v{number}, but the catalogue of {contract.record} has {known}. Name "
            "one of these, or leave it empty for the newest."
        ) from error
    return Reader(str(version), version.text)
