"""Registers the catalogue: the only module that ever registers a schema."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from schemas.catalogue import SchemaVersion
from schemas.errors import IncompatibleSchema
from schemas.registry.client import Registry
from schemas.registry.data_contract import publish_rules
from schemas.registry.plan import SubjectPlan

__all__ = ["Registration", "apply_plan"]


@dataclass(frozen=True)
class Registration:
    """One version as the registry now holds it.

    Attributes:
        subject: The registry's name for the topic's values.
        version: The catalogue's version.
        schema_id: The id in the header of every record written with it.
        mode: The subject's compatibility mode.
        is_new: Whether this run registered it.
        mode_is_new: Whether this run set the subject's mode.
        rules: The data-contract rules that this run published, with a version of the same text.
    """

    subject: str
    version: SchemaVersion
    schema_id: int
    mode: str
    is_new: bool
    mode_is_new: bool
    rules: tuple[str, ...] = ()


def apply_plan(plans: Sequence[SubjectPlan], registry: Registry) -> list[Registration]:
    """Set each subject's mode and register what is missing; change nothing if a plan has faults.

    A mode that was set is restored if the registry then refuses the first version.

    Raises:
        IncompatibleSchema: A plan has faults; nothing was changed.
        RegistryError: The registry failed on the way. Another run continues where this one stopped.
    """
    faults = [str(fault) for plan in plans for fault in plan.faults]
    if faults:
        raise IncompatibleSchema("nothing was registered: " + "; ".join(faults))
    done: list[Registration] = []
    with ExitStack() as on_refusal:
        for plan in plans:
            if plan.changes_mode:
                registry.set_mode(plan.target, plan.mode)
                on_refusal.callback(_take_back, plan, registry)
        for plan in plans:
            for one in _register(plan, registry):
                done.append(one)
                if one.is_new:  # from here on the modes belong to what is registered
                    on_refusal.pop_all()
        on_refusal.pop_all()
    return done


def _take_back(plan: SubjectPlan, registry: Registry) -> None:
    if plan.own_mode is not None:
        registry.set_mode(plan.target, plan.own_mode)
    elif not plan.has_settings:
        registry.unset_mode(plan.target)


def _register(plan: SubjectPlan, registry: Registry) -> Iterator[Registration]:
    yield from (
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
    )
    if plan.rules.publish:
        newest = plan.steps[-1].version
        yield Registration(
            subject=plan.subject,
            version=newest,
            schema_id=publish_rules(registry, plan.subject, newest.text, plan.rules),
            mode=plan.mode,
            is_new=True,
            mode_is_new=plan.changes_mode,
            rules=tuple(plan.rules.names),
        )
