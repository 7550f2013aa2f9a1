"""Checks offline whether a schema may follow those before it; names the field and the broken rule.

The modes are those of the registries. BACKWARD: the new version reads what the old ones wrote;
FORWARD: the old ones read what the new one writes; FULL: both. Without _TRANSITIVE only the
previous version counts. The rules of `schemas.checks.drift` and `schemas.checks.storable` apply in
addition to Avro's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from avro.schema import RecordSchema

from schemas.catalogue import Contract
from schemas.checks.content import content, outermost
from schemas.checks.drift import drift_faults
from schemas.checks.faults import ContractRule, Fault
from schemas.checks.resolution import resolution_faults
from schemas.checks.storable import storage_faults
from schemas.checks.validity import parse_record, validity_faults
from schemas.errors import CatalogueError

__all__ = [
    "Incompatibility",
    "Mode",
    "NamedSchema",
    "candidate_faults",
    "contract_faults",
    "history_faults",
]


class Mode(StrEnum):
    """A compatibility mode."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def transitive(self) -> bool:
        """Whether all earlier versions count, not only the last."""
        return self.endswith("_TRANSITIVE")

    @property
    def new_reads_old(self) -> bool:
        """Whether a new version must read what earlier ones wrote."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def old_reads_new(self) -> bool:
        """Whether earlier versions must read what a new one writes."""
        return self.startswith(("FORWARD", "FULL"))


@dataclass(frozen=True)
class NamedSchema:
    """A schema's text and its name in messages: `trade v2`."""

    name: str
    text: str


@dataclass(frozen=True)
class Incompatibility:
    """Why a schema may not follow another.

    Attributes:
        field: The field, as a dotted path in nested records; `(record)` for the whole record.
        rule: The rule that it breaks.
        message: The whole sentence, naming versions and field.
        versions: The later version and, unless it is unsound by itself, the earlier one.
    """

    field: str
    rule: ContractRule
    message: str
    versions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.message} [{self.rule}]"


def contract_faults(contract: Contract) -> list[Incompatibility]:
    """Check every version of a contract against those before it, in the mode it declares.

    Of the versions that count, one must have all fields and symbols: the stream reads into it. A
    version may therefore remove or add, but not both. What others have registered is not held to
    this, since it never replaces a reader that it has less than.
    """
    history = [NamedSchema(str(version), version.text) for version in contract.versions]
    mode = Mode(contract.mode)
    return history_faults(history, mode) or list(_split_content(history, mode))


def history_faults(history: Sequence[NamedSchema], mode: Mode) -> list[Incompatibility]:
    """Check every schema of a history, oldest first, against those before it."""
    return [
        fault
        for index, candidate in enumerate(history)
        for fault in candidate_faults(candidate, history[:index], mode)
    ]


def candidate_faults(
    candidate: NamedSchema, earlier: Sequence[NamedSchema], mode: Mode
) -> list[Incompatibility]:
    """Check one schema against those before it, oldest first.

    An earlier schema that cannot be parsed counts as a fault of the candidate in every mode but
    NONE, since these modes promise to read it.
    """
    unsound = validity_faults(candidate.text) or storage_faults(parse_record(candidate.text))
    if unsound:
        return [_alone(candidate, fault) for fault in unsound]
    if mode is Mode.NONE:
        return []
    counted = earlier if mode.transitive else earlier[-1:]
    return [fault for before in counted for fault in _pair_faults(candidate, before, mode)]


def _pair_faults(newer: NamedSchema, older: NamedSchema, mode: Mode) -> Iterator[Incompatibility]:
    new = parse_record(newer.text)
    try:
        old = parse_record(older.text)
    except CatalogueError as error:
        fault = Fault("(record)", ContractRule.VALID_AVRO, str(error))
        yield _between(newer, older, fault, f"{older.name} cannot be followed: {error}")
        return
    named = set()
    for fault, sentence in _sentences(newer.name, new, older.name, old, mode):
        # One change often breaks a rule in both directions; report it once.
        if (fault.field, fault.rule) not in named:
            named.add((fault.field, fault.rule))
            yield _between(newer, older, fault, sentence)


def _sentences(
    newer: str, new: RecordSchema, older: str, old: RecordSchema, mode: Mode
) -> Iterator[tuple[Fault, str]]:
    if mode.new_reads_old:
        for fault in resolution_faults(reader=new, writer=old):
            yield fault, f"{newer} cannot read {older}: field {fault.field} {fault.message}"
    if mode.old_reads_new:
        for fault in resolution_faults(reader=old, writer=new):
            yield fault, f"{older} cannot read {newer}: field {fault.field} {fault.message}"
    for fault in drift_faults(old, new):
        lossy_only_for_new_readers = fault.rule is ContractRule.ENUM_SYMBOL_KEPT
        if mode.new_reads_old or not lossy_only_for_new_readers:
            yield fault, f"{newer} may not follow {older}: field {fault.field} {fault.message}"


def _split_content(history: Sequence[NamedSchema], mode: Mode) -> Iterator[Incompatibility]:
    """Yield a fault for the first version after which no version has all fields and symbols."""
    if not mode.new_reads_old:
        return
    whole, needed = history[0], content(history[0].text)
    for newer in history[1:]:
        own = content(newer.text)
        lost = outermost((needed | own) - content(newer.text, aliases=True))
        added = outermost(own - content(whole.text, aliases=True))
        if lost and added:
            yield _lost_column(newer, whole, lost, added)
            return
        if not mode.transitive:
            whole, needed = newer, own
        elif not lost:
            whole, needed = newer, needed | own


def _lost_column(
    newer: NamedSchema, whole: NamedSchema, lost: Sequence[str], added: Sequence[str]
) -> Incompatibility:
    message = (
        f"is missing while {', '.join(added)} is new: a stream that starts with {newer.name} would "
        f"read records of {whole.name} without {', '.join(lost)}; keep it, or add nothing"
    )
    fault = Fault(lost[0], ContractRule.ONE_VERSION_HAS_ALL, message)
    sentence = f"{newer.name} may not follow {whole.name}: field {fault.field} {message}"
    return _between(newer, whole, fault, sentence)


def _between(
    newer: NamedSchema, older: NamedSchema, fault: Fault, sentence: str
) -> Incompatibility:
    return Incompatibility(fault.field, fault.rule, sentence, (newer.name, older.name))


def _alone(candidate: NamedSchema, fault: Fault) -> Incompatibility:
    sentence = f"{candidate.name} is unsound: field {fault.field} {fault.message}"
    return Incompatibility(fault.field, fault.rule, sentence, (candidate.name,))
