"""Plans the registration of the catalogue, without changing the registry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.catalogue import Catalogue, Contract, SchemaVersion
from schemas.checks.compatibility import Incompatibility, Mode, NamedSchema, history_faults
from schemas.checks.faults import RECORD, ContractRule
from schemas.errors import RegistryAnswerInvalid
from schemas.registry.client import Registry
from schemas.registry.data_contract import RulesPlan, plan_rules
from schemas.registry.reader_choice import declared_as
from schemas.registry.registered import AVRO, RegisteredVersion
from schemas.registry.subject_state import (
    SubjectState,
    associated_subject,
    held_versions,
    subject_state,
)

__all__ = ["Step", "SubjectPlan", "plan_registration"]


@dataclass(frozen=True)
class Step:
    """One version of the catalogue, and where the registry holds it, if it does."""

    version: SchemaVersion
    held: RegisteredVersion | None


@dataclass(frozen=True)
class SubjectPlan:
    """The plan for one subject.

    Attributes:
        subject: The registry's name for it.
        target: The subject that it is an alias of; else the same.
        mode: The compatibility mode that the catalogue declares.
        own_mode: The mode set in the registry for this subject itself; None if there is none.
        mode_in_force: The mode that the registry applies: the subject's own or the global one.
        steps: The catalogue's versions, oldest first.
        rules: What to do with its data-contract rules.
        has_settings: Whether the registry holds settings for the subject besides its mode.
        unknown: Versions that the registry holds and the catalogue does not.
        faults: Why the catalogue must not be registered here; empty if it may.
    """

    subject: str
    target: str
    mode: str
    own_mode: str | None
    mode_in_force: str
    steps: tuple[Step, ...]
    rules: RulesPlan
    unknown: tuple[RegisteredVersion, ...]
    faults: tuple[Incompatibility, ...]
    has_settings: bool = False

    @property
    def changes_mode(self) -> bool:
        """Whether the subject's mode has to be set."""
        return self.own_mode != self.mode


def plan_registration(catalogue: Catalogue, topic: str, registry: Registry) -> list[SubjectPlan]:
    """Compare the catalogue with a registry, subject by subject.

    Compatibility is checked here first, in the mode that the catalogue declares and in the one in
    force in the registry, and only then by the registry itself: one that is set to NONE accepts
    anything, and some refuse without a reason.

    Args:
        catalogue: The schemas to register.
        topic: The topic of the trades, KAFKA_TOPIC.
        registry: The registry to register them in.

    Raises:
        RegistryError: The registry cannot be asked.
    """
    return [
        _plan_subject(
            associated_subject(registry, name, contract.subject(name)), contract, registry
        )
        for name, contract in catalogue.topics(topic).items()
    ]


def _plan_subject(subject: str, contract: Contract, registry: Registry) -> SubjectPlan:
    held = held_versions(registry, subject)
    steps = tuple(
        Step(version, registry.find(subject, version.text) if held else None)
        for version in contract.versions
    )
    unknown = tuple(version for version in held if declared_as(version, contract) is None)
    state = subject_state(registry, subject)
    in_force = _known_mode(state.level, subject)
    faults = list(_our_verdict(held, contract, steps, {Mode(contract.mode), in_force}))
    if held and not faults:
        faults = list(_registry_verdict(subject, steps, registry))
    rules = plan_rules(registry, state, contract)
    faults += _mode_verdict(state, contract, steps, rules)
    return SubjectPlan(
        subject=subject,
        target=state.target,
        mode=contract.mode,
        own_mode=state.own_level,
        mode_in_force=in_force,
        steps=steps,
        rules=rules,
        unknown=unknown,
        faults=tuple(faults),
        has_settings=bool(state.settings.keys() - {"compatibilityLevel"}),
    )


def _known_mode(mode: str, subject: str) -> Mode:
    try:
        return Mode(mode)
    except ValueError as error:
        raise RegistryAnswerInvalid(
            f"the registry holds {subject} to compatibility mode {mode}, which is not known here"
        ) from error


def _our_verdict(
    held: Sequence[RegisteredVersion],
    contract: Contract,
    steps: Sequence[Step],
    modes: set[Mode],
) -> Iterator[Incompatibility]:
    """Check registered and planned versions against those before them, in every given mode."""
    history, strangers = [], set()
    for one in held:
        if one.kind != AVRO:
            yield _other_kind(one, contract)
            continue
        declared = declared_as(one, contract)
        name = str(declared) if declared else f"{one.subject} version {one.version}"
        history.append(NamedSchema(name, one.text))
        if declared is None:
            strangers.add(name)
    history += [
        NamedSchema(str(step.version), step.version.text) for step in steps if step.held is None
    ]
    reported = set()
    for mode in sorted(modes):
        for fault in history_faults(history, mode):
            # Faults between two versions of others are not the catalogue's.
            if fault not in reported and not strangers.issuperset(fault.versions):
                reported.add(fault)
                yield fault


def _other_kind(held: RegisteredVersion, contract: Contract) -> Incompatibility:
    kinds = {"JSON": "a JSON schema", "PROTOBUF": "a Protobuf schema"}
    name = f"{held.subject} version {held.version}"
    return Incompatibility(
        RECORD,
        ContractRule.VALID_AVRO,
        f"{name} is {kinds.get(held.kind, f'a schema of kind {held.kind}')}, and "
        f"{contract.record} is Avro: delete that version, or give KAFKA_TOPIC another name",
        (name, *(str(version) for version in contract.versions)),
    )


def _mode_verdict(
    state: SubjectState, contract: Contract, steps: Sequence[Step], rules: RulesPlan
) -> Iterator[Incompatibility]:
    """Yield a fault if the registry's mode forbids a write that the plan needs."""
    missing = [str(step.version) for step in steps if step.held is None]
    refused = []
    if (missing or rules.publish) and not state.takes_versions:
        refused.append("no new versions")
    if state.own_level != contract.mode and not state.takes_settings:
        refused.append("no other compatibility mode")
    if refused:
        yield Incompatibility(
            RECORD,
            ContractRule.REGISTRY_TAKES_VERSIONS,
            f"{state.target} is in mode {state.write_mode} and takes {' and '.join(refused)}; "
            "have it set to READWRITE (PUT /mode of the registry), then run this again",
            tuple(missing),
        )


def _registry_verdict(
    subject: str, steps: Sequence[Step], registry: Registry
) -> Iterator[Incompatibility]:
    """Ask the registry about the missing versions; it may be stricter than these checks."""
    for step in steps:
        if step.held is None and not registry.is_compatible(subject, step.version.text):
            yield Incompatibility(
                RECORD,
                ContractRule.REGISTRY_AGREES,
                f"the registry refuses {step.version} for {subject} and names no field",
                (str(step.version),),
            )
