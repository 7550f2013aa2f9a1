"""`kraken-lake schemas`: list, check, register and release the schemas declared here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from runtime.errors import BrokerError
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message
from runtime.tables import open_console
from schemas.catalogue import Catalogue, load_catalogue
from schemas.checks.compatibility import contract_faults
from schemas.documents.generated import DOCS_FOLDER, write_documents
from schemas.errors import IncompatibleSchema, SchemasError
from schemas.registry.client import Registry
from schemas.registry.comparison import compare
from schemas.registry.plan import plan_registration
from schemas.registry.reader_choice import subjects_faults
from schemas.registry.registration import apply_plan
from schemas.releases.release import release_new
from schemas.releases.released import changes_since_release, load_releases, unreleased
from schemas.report import (
    print_catalogue,
    print_difference,
    print_faults,
    print_notes,
    print_plan,
    print_registrations,
    print_warnings,
)

__all__ = ["app"]

app = typer.Typer(
    help="The schemas of the platform's topics.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command(name="list")
def list_() -> None:
    """Show each version with its subject, mode and fingerprint. Needs no registry."""
    with _one_line_for_errors():
        topic = KafkaSettings().topic
        print_catalogue(open_console(), load_catalogue(), topic, load_releases())


@app.command()
def check() -> None:
    """Check each version against those before it, and against the registry if one is named.

    The registry is asked if SCHEMA_REGISTRY_URL is set. Exit status 1: something is refused.
    """
    with _one_line_for_errors():
        console, catalogue = open_console(), load_catalogue()
        faults = _objections(catalogue)
        count = sum(len(contract.versions) for contract in catalogue)
        print_faults(console, faults)
        settings = RegistrySettings()
        if "url" not in settings.model_fields_set:
            _conclude(console, f"{count} versions against each other, no registry", bool(faults))
            return
        registry = Registry(settings)
        plans = plan_registration(catalogue, KafkaSettings().topic, registry)
        print_plan(console, plans)
        print_warnings(console, subjects_faults(catalogue, KafkaSettings().topic, registry))
        refused = bool(faults) or any(plan.faults for plan in plans)
        _conclude(console, f"{count} versions, and what {registry.url} holds", refused)


@app.command()
def register() -> None:
    """Set each subject's mode and register what is missing; a second run changes nothing."""
    with _one_line_for_errors():
        catalogue = load_catalogue()
        faults = [*_objections(catalogue), *unreleased(catalogue, load_releases())]
        if faults:
            raise IncompatibleSchema("nothing was registered: " + "; ".join(faults))
        registry = Registry(RegistrySettings())
        plans = plan_registration(catalogue, KafkaSettings().topic, registry)
        print_notes(open_console(), plans)
        print_registrations(open_console(), apply_plan(plans, registry))
        print_warnings(open_console(), subjects_faults(catalogue, KafkaSettings().topic, registry))


@app.command()
def docs(
    to: Annotated[Path, typer.Option(help="The folder to write them to.")] = DOCS_FOLDER,
) -> None:
    """Write the data dictionary and the AsyncAPI document, made from the catalogue."""
    with _one_line_for_errors():
        changed = write_documents(load_catalogue(), to)
        for path in changed:
            open_console().print(f"written: {path}", soft_wrap=True)
        if not changed:
            open_console().print("every document is up to date; nothing changed")


@app.command()
def diff(
    last: Annotated[
        int, typer.Option(min=1, help="How many records to read from the end of each partition.")
    ] = 1000,
) -> None:
    """Compare the catalogue with a registry and with the writer schemas of the newest records.

    Kafka is asked if KAFKA_BOOTSTRAP_SERVERS is set. Exit status 1: something differs.
    """
    with _one_line_for_errors():
        kafka, registry = KafkaSettings(), Registry(RegistrySettings())
        asked = "bootstrap_servers" in kafka.model_fields_set
        rows = compare(load_catalogue(), registry, kafka, last if asked else None)
        print_difference(open_console(), rows)
        if any(row.remark for row in rows):
            raise typer.Exit(code=1)


@app.command()
def release() -> None:
    """Write golden records and fingerprints for each version that has none yet."""
    with _one_line_for_errors():
        released = release_new(load_catalogue())
        for version in released:
            open_console().print(f"{version} is released; it never changes again")
        if not released:
            open_console().print("every version is released already; nothing changed")


def _objections(catalogue: Catalogue) -> list[str]:
    """Return what is wrong with the catalogue itself, whatever a registry holds."""
    return [
        *changes_since_release(catalogue, load_releases()),
        *(str(fault) for contract in catalogue for fault in contract_faults(contract)),
    ]


def _conclude(console: Console, what: str, refused: bool) -> None:  # noqa: FBT001 - private
    console.print(f"checked {what}: {'refused' if refused else 'fine'}", soft_wrap=True)
    if refused:
        raise typer.Exit(code=1)


@contextmanager
def _one_line_for_errors() -> Iterator[None]:
    """Print an expected error as one line on stderr and exit with status 1."""
    try:
        yield
    except ValidationError as error:
        sys.stderr.write(f"schemas: {validation_message(error)}\n")
        raise typer.Exit(code=1) from error
    except (SchemasError, BrokerError) as error:
        sys.stderr.write(f"schemas: {' '.join(str(error).split())}\n")
        raise typer.Exit(code=1) from error


if __name__ == "__main__":
    outlive_readers()
    app()
