"""The schemas that the records of the topic name, learnt from the registry as they come."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import stamina
import structlog

from schemas.errors import (
    RegistryAnswerInvalid,
    RegistryError,
    RegistryRefused,
    RegistryUnavailable,
    SchemaNotFound,
    SubjectNotFound,
)
from schemas.registry import RegisteredVersion, Registry
from spark_consumer.errors import ReaderSchemaUnknown

__all__ = ["Asking", "DecodingPlan", "SchemaBook"]

_ASK_AGAIN_AFTER = 1.0
_log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")

_AT_FAULT = (RegistryUnavailable, RegistryRefused, RegistryAnswerInvalid)
"""A fault of the registry says nothing about a record: it is waited out, never quarantined."""

_AT_FAULT_LATER = (*_AT_FAULT, SubjectNotFound)
"""A registry that no longer knows a subject which it knew has not read its storage yet."""


@dataclass(frozen=True)
class DecodingPlan:
    """How the records of one micro-batch are decoded.

    Attributes:
        writers: the writer schemas of the trades' subject, by registry id.
        reader: the schema that every record is read into.
        reader_version: its version in the subject.
        foreign: ids that the registry holds under other subjects.
    """

    writers: Mapping[int, str]
    reader: str
    reader_version: int
    foreign: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Asking:
    """How the registry is asked.

    Attributes:
        patience: seconds that a registry at fault is asked again before the stream stops.
        confirmation: seconds that it has to keep saying that it does not know an id. A registry
            that was just started may not have read all of its storage yet: Apicurio 3.0.9 answers
            404 for ids it holds, for two to three seconds (seen).
        trust: seconds after that for which its first word is taken.
        clock: the time in seconds.
        sleep: waits so many seconds.
    """

    patience: float = 60.0
    confirmation: float = 5.0
    trust: float = 60.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class SchemaBook:
    """The plan of the moment; it grows when a record names an id that was not seen before.

    Nothing is asked of the registry while all ids are known. An id that is not among the subject's
    versions is asked for again in each batch that carries it, since it may become one any time.
    What was learnt once is never forgotten, whatever the registry says later.
    """

    def __init__(
        self,
        registry: Registry,
        subject: str,
        *,
        pinned_version: int | None = None,
        asking: Asking | None = None,
    ) -> None:
        self._registry = registry
        self._subject = subject
        self._pinned_version = pinned_version
        self._asking = asking or Asking()
        self._trusted_until = -math.inf
        held = self._patiently(lambda: registry.versions(subject), _AT_FAULT)
        self._versions = {version.version: version for version in held}
        self.plan = self._plan(foreign=frozenset())

    def learn(self, ids: Iterable[int]) -> bool:
        """Look up ids that the plan lacks; True if the plan changed.

        Raises:
            RegistryError: the registry stayed at fault for longer than the patience.
        """
        unseen = set(ids) - self.plan.writers.keys()
        if not unseen:
            return False
        foreign = self._look_up(unseen)
        before = self.plan
        self.plan = self._plan(foreign=(before.foreign - unseen) | foreign)
        if self.plan.reader_version != before.reader_version:
            _log.info("reader schema adopted", version=self.plan.reader_version)
        return self.plan != before

    def _look_up(self, ids: set[int]) -> frozenset[int]:
        """Learn the subject's versions; return which of the ids are those of other subjects.

        Returns once all ids are found, or when the registry's word that it does not know them, or
        not as ours, can be relied on.
        """
        asking = self._asking
        deadline = asking.clock() + asking.confirmation
        while True:
            held = self._patiently(lambda: self._registry.versions(self._subject), _AT_FAULT_LATER)
            self._versions |= {version.version: version for version in held}
            missing = ids - {version.schema_id for version in self._versions.values()}
            foreign = frozenset(i for i in sorted(missing) if self._exists(i))
            if missing <= self.plan.foreign:
                return foreign
            trusted = asking.clock() < self._trusted_until and foreign <= self.plan.foreign
            confirmed = asking.clock() >= deadline
            if confirmed:
                self._trusted_until = asking.clock() + asking.trust
            if trusted or confirmed:
                return foreign
            asking.sleep(_ASK_AGAIN_AFTER)

    def _plan(self, foreign: frozenset[int]) -> DecodingPlan:
        reader = self._reader()
        writers = {version.schema_id: version.text for version in self._versions.values()}
        return DecodingPlan(writers, reader.text, reader.version, foreign)

    def _reader(self) -> RegisteredVersion:
        number = self._pinned_version or max(self._versions)
        if number not in self._versions:
            known = ", ".join(f"v{version}" for version in sorted(self._versions))
            raise ReaderSchemaUnknown(
                f"READER_SCHEMA=v{number}, but {self._subject} has {known} in the registry. Name "
                "one of these, or leave it empty for the newest."
            )
        return self._versions[number]

    def _exists(self, schema_id: int) -> bool:
        try:
            self._patiently(lambda: self._registry.schema_text(schema_id), _AT_FAULT)
        except SchemaNotFound:
            return False
        return True

    def _patiently(
        self, call: Callable[[], _Answer], faults: tuple[type[RegistryError], ...]
    ) -> _Answer:
        """Repeat a call while the registry is at fault, for as long as the patience lasts."""
        for attempt in stamina.retry_context(
            on=faults, attempts=None, timeout=self._asking.patience, wait_max=10.0
        ):
            with attempt:
                return call()
        raise AssertionError("stamina returns a result or raises")  # pragma: no cover
