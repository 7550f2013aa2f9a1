"""The tables and lines that the commands print."""

from collections.abc import Iterable, Sequence

from rich.console import Console

from runtime.tables import PlainTable
from schemas.catalogue import Catalogue
from schemas.registry.difference import Row
from schemas.registry.plan import SubjectPlan
from schemas.registry.registration import Registration
from schemas.releases.released import Release

__all__ = [
    "foreign_rules_note",
    "print_catalogue",
    "print_difference",
    "print_faults",
    "print_notes",
    "print_plan",
    "print_registrations",
    "print_warnings",
]


def print_catalogue(
    console: Console, catalogue: Catalogue, topic: str, releases: dict[str, Release]
) -> None:
    """Print one row per version: record, version, subject, mode, fingerprint."""
    table = _table("record", "version", "subject", "mode", "fingerprint")
    for subject, contract in catalogue.subjects(topic).items():
        for version in contract.versions:
            release = releases.get(str(version))
            shown = release.schema[:12] if release else "not released"
            table.add(version.record, f"v{version.version}", subject, contract.mode, shown)
    console.print(table)


def print_faults(console: Console, faults: Iterable[str]) -> None:
    """Print one line per fault."""
    for fault in faults:
        console.print(f"refused: {fault}", style="red", soft_wrap=True, markup=False)


def print_warnings(console: Console, warnings: Iterable[str]) -> None:
    """Print one line per version that is in the registry and should not be."""
    for warning in warnings:
        console.print(f"warning: {warning}", style="yellow", soft_wrap=True, markup=False)


def print_plan(console: Console, plans: Sequence[SubjectPlan]) -> None:
    """Print what registering would do, subject by subject."""
    table = _table("subject", "version", "id", "plan")
    for plan in plans:
        refused = {name for fault in plan.faults for name in fault.versions}
        for step in plan.steps:
            version = f"v{step.version.version}"
            if str(step.version) in refused:
                schema_id = str(step.held.schema_id) if step.held else ""
                table.add(plan.subject, version, schema_id, "refused", style="red")
            elif step.held is None:
                table.add(plan.subject, version, "", "register", style="green")
            else:
                table.add(plan.subject, version, str(step.held.schema_id), "unchanged")
        if plan.rules.publish and not plan.faults:
            version = f"v{plan.steps[-1].version.version}"
            names = ", ".join(plan.rules.names)
            table.add(plan.subject, version, "", f"publish rules: {names}", style="green")
        for held in plan.unknown:
            table.add(plan.subject, f"#{held.version}", str(held.schema_id), "not ours")
        if plan.changes_mode:
            change = f"mode {plan.mode_in_force} becomes {plan.mode}"
            table.add(plan.subject, "", "", change, style="green")
    console.print(table)
    print_notes(console, plans)
    print_faults(console, [str(fault) for plan in plans for fault in plan.faults])


def print_notes(console: Console, plans: Sequence[SubjectPlan]) -> None:
    """Print what is no fault but good to know: aliases, and rules that others set."""
    for plan in plans:
        if plan.target != plan.subject:
            _note(console, f"{plan.subject} is an alias of {plan.target}, whose mode applies")
        if plan.rules.foreign:
            _note(console, foreign_rules_note(plan.target, plan.rules.foreign))


def foreign_rules_note(subject: str, rules: Sequence[str]) -> str:
    """Write one sentence about data-contract rules that others set on a subject."""
    return (
        f"{subject} has data-contract rules that this platform does not enforce and Confluent's "
        f"serializers do: {', '.join(rules)}"
    )


def print_difference(console: Console, rows: Sequence[Row]) -> None:
    """Print one row per schema: where the catalogue, the registry and the records have it."""
    table = _table("subject", "catalogue", "registry", "newest records", "")
    for row in rows:
        records = "not asked" if row.records is None else str(row.records)
        table.add(row.subject, row.declared, row.registered, records, row.remark)
    console.print(table)


def _note(console: Console, sentence: str) -> None:
    console.print(f"note: {sentence}", style="yellow", soft_wrap=True, markup=False)


def print_registrations(console: Console, registrations: Sequence[Registration]) -> None:
    """Print one row per version: subject, version, id, mode, and what was done."""
    table = _table("subject", "version", "id", "mode", "")
    for one in registrations:
        done = "registered" if one.is_new else "mode set" if one.mode_is_new else "unchanged"
        if one.rules:
            done = f"registered with rules: {', '.join(one.rules)}"
        version = f"v{one.version.version}"
        table.add(one.subject, version, str(one.schema_id), one.mode, done)
    console.print(table)


def _table(*columns: str) -> PlainTable:
    table = PlainTable(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
