"""Putting the catalogue into a registry: the one place that ever registers a schema."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.catalogue import SchemaVersion
from schemas.errors import IncompatibleSchema
from schemas.plan import SubjectPlan
from schemas.registry import Registry


@dataclass(frozen=True)
class Registration:
    """One version as the registry now holds it.

    Attributes:
        subject: The registry's name for the topic's values.
        version: The catalogue's version.
        schema_id: The id that stands in the header of every record written with it.
        mode: The subject's compatibility mode.
        is_new: Whether this run registered it.
        mode_is_new: Whether this run set the subject's mode.
    """

    subject: str
    version: SchemaVersion
    schema_id: int
    mode: str
    is_new: bool
    mode_is_new: bool


def apply_plan(plans: Sequence[SubjectPlan], registry: Registry) -> list[Registration]:
    """Set each subject's mode and register what is missing; nothing at all if anything is amiss.

    Raises:
        IncompatibleSchema: A plan has faults; nothing was changed.
        RegistryError: The registry failed on the way. Running again takes up where it stopped.
    """
    faults = [str(fault) for plan in plans for fault in plan.faults]
    if faults:
        raise IncompatibleSchema("nothing was registered: " + "; ".join(faults))
    for plan in plans:
        if plan.changes_mode:
            registry.set_mode(plan.subject, plan.mode)
    return [registration for plan in plans for registration in _register(plan, registry)]


def _register(plan: SubjectPlan, registry: Registry) -> list[Registration]:
    return [
        Registration(
            subject=plan.subject,
            version=step.version,
            schema_id=(
                registry.register(plan.subject, step.version.text)
                if step.held is None
                else step.held.schema_id
            ),
            mode=plan.mode,
            is_new=step.held is None,
            mode_is_new=plan.changes_mode,
        )
        for step in plan.steps
    ]
