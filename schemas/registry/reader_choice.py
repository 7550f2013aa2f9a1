"""Chooses the reader schema of a topic by content, never by version number alone.

The highest version number of a subject proves nothing: an old text that is registered again gets it
(seen on Confluent 8.3.1), and so does any schema that a client with default settings registers
automatically. A reader schema without a field loses that field of every record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.catalogue import Catalogue, Contract, SchemaVersion
from schemas.checks.compatibility import Mode, NamedSchema, candidate_faults
from schemas.checks.content import content, outermost
from schemas.checks.validity import parse_record
from schemas.errors import CatalogueError
from schemas.registry.client import Registry, same_schema
from schemas.registry.registered import AVRO, RegisteredVersion
from schemas.registry.subject_state import associated_subject, held_versions

__all__ = [
    "Choice",
    "PassedOver",
    "Reader",
    "choose_reader",
    "declared_as",
    "no_record_of_ours",
    "standing_faults",
    "subjects_faults",
]


@dataclass(frozen=True)
class Reader:
    """A schema that records are read into.

    Attributes:
        name: Its name in messages: `trade v2`, or `kraken.trades-value version 5`.
        text: The schema.
    """

    name: str
    text: str


@dataclass(frozen=True)
class PassedOver:
    """A registered version that was not chosen, and why, in words that follow "version 3"."""

    version: RegisteredVersion
    reason: str


@dataclass(frozen=True)
class Choice:
    """The reader schema, and the versions passed over that are worth a warning."""

    reader: Reader
    passed_over: tuple[PassedOver, ...] = ()


def choose_reader(
    held: Iterable[RegisteredVersion], contract: Contract, present: Reader | None = None
) -> Choice:
    """Choose a schema that has all fields of the present reader, or of the catalogue's newest.

    It is that schema itself, or a registered version that the contract's rules allow and that has
    all of its content and more. Versions with the same content change nothing.

    Args:
        held: The subject's versions.
        contract: The contract that the subject must satisfy.
        present: The reader schema until now; None at the start.
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
    """Return a sentence for each version that is in a subject and should not be.

    These are versions that the contract refuses, and versions after the catalogue's newest that are
    older ones or not in the catalogue. The stream does not use them as reader schema, but other
    readers that take the newest version do.
    """
    live = [version for version in held if not version.deleted]
    return [
        f"{_name(one.version)} (id {one.version.schema_id}) {one.reason}"
        for one in choose_reader(live, contract).passed_over
    ]


def subjects_faults(catalogue: Catalogue, topic: str, registry: Registry) -> list[str]:
    """Return these sentences for all subjects of the platform.

    Args:
        catalogue: The contracts that the subjects must satisfy.
        topic: The topic of the trades, KAFKA_TOPIC.
        registry: The registry to ask.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    faults = []
    for name, contract in catalogue.topics(topic).items():
        subject = associated_subject(registry, name, contract.subject(name))
        faults += standing_faults(held_versions(registry, subject), contract)
    return faults


def no_record_of_ours(version: RegisteredVersion, contract: Contract) -> str:
    """Return why a version does not declare the contract's record; empty if it does."""
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


def declared_as(version: RegisteredVersion, contract: Contract) -> SchemaVersion | None:
    """Return the catalogue's version with the same content, if there is one."""
    return next((one for one in contract.versions if same_schema(one.text, version.text)), None)


def _passed_over(
    held: Sequence[RegisteredVersion], contract: Contract, reader: Reader
) -> Iterator[PassedOver]:
    """Yield later versions that lack content, and all that the contract refuses."""
    own = max((one.version for one in held if same_schema(one.text, reader.text)), default=0)
    for version in held:
        refusal = _refusal(version, contract, reader)
        lack = "" if refusal else _lack(version, contract, reader)
        # Before the newest is registered, older versions of the catalogue are rightly alone.
        is_news = version.version > own and (own or not declared_as(version, contract))
        if refusal or (lack and is_news and not version.deleted):
            yield PassedOver(version, refusal or lack)


def _objection(version: RegisteredVersion, contract: Contract, reader: Reader) -> str:
    if version.deleted:
        return "was deleted"
    return _refusal(version, contract, reader) or _lack(version, contract, reader)


def _refusal(version: RegisteredVersion, contract: Contract, reader: Reader) -> str:
    """Return why the contract refuses a version; empty if it does not."""
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
