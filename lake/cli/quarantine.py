"""`kraken-lake quarantine list | show | replay`."""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from importlib.util import find_spec
from typing import Annotated, Final

import typer

from lake.read.far_time import FarTime
from lake.read.quarantine import QuarantinedRecord, ReasonCount, count_by_reason, records
from lake.settings import LakeSettings
from runtime.tables import PlainTable, open_console

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Records that could not become trades.")
JsonOption = Annotated[bool, typer.Option("--json", help="For a machine to read.")]
_LARGEST: Final = 2**63 - 1
"""Of the integers that offsets and numbers of rows are."""


@app.command("list")
def list_command(*, as_json: JsonOption = False) -> None:
    """Count the records in quarantine, by reason."""
    counts = count_by_reason(LakeSettings().layout)
    if as_json:
        typer.echo(json.dumps([_counted(count) for count in counts], default=str))
        return
    table = PlainTable("reason", "about")
    for heading in ("records", "first", "last"):
        table.add_column(heading, justify="right")
    for count in counts:
        table.add(
            count.reason,
            count.detail or "",
            f"{count.records}",
            _seconds(count.first_at),
            _seconds(count.last_at),
        )
    open_console().print(table if counts else "Nothing is in quarantine.")


@app.command("show")
def show_command(
    *,
    reason: Annotated[str | None, typer.Option(help="As `list` shows it.")] = None,
    partition: Annotated[
        int | None, typer.Option(min=0, max=_LARGEST, help="Of the Kafka topic.")
    ] = None,
    offset: Annotated[
        int | None, typer.Option(min=0, max=_LARGEST, help="Within the partition.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=_LARGEST, help="The most records to show.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show records in quarantine, with their bytes."""
    found = records(
        LakeSettings().layout, reason=reason, partition=partition, offset=offset, limit=limit
    )
    for record in found:
        typer.echo(json.dumps(_plain(record)) if as_json else _line(record))
    if not found and not as_json:
        typer.echo("No such record is in quarantine.")


@app.command("replay")
def replay_command() -> None:
    """Decode the records in quarantine again, and land those that are valid now."""
    if find_spec("pyspark") is None:
        typer.echo("lake: replaying decodes with Spark; install kraken-lake[spark]", err=True)
        raise typer.Exit(1)
    # A separate program, since this package imports neither Spark nor the registry client.
    command = (sys.executable, "-m", "spark_consumer.replay")
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own


def _counted(count: ReasonCount) -> dict[str, object]:
    """Convert to a dict; keep a `FarTime` whole, which `asdict` would turn into a dict."""
    return {**asdict(count), "first_at": count.first_at, "last_at": count.last_at}


def _seconds(time: datetime | FarTime | None) -> str:
    return "without a time" if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def _plain(record: QuarantinedRecord) -> dict[str, object]:
    as_hex = {name: _hex(value) for name, value in (("key", record.key), ("value", record.value))}
    time = None if record.timestamp is None else record.timestamp.isoformat()
    headers = [{"key": name, "value": _hex(value)} for name, value in record.headers]
    return {**asdict(record), "timestamp": time, **as_hex, "headers": headers}


def _line(record: QuarantinedRecord) -> str:
    about = f" ({record.detail})" if record.detail else ""
    headers = "".join(f"\n  header {name} {_hex(value)}" for name, value in record.headers)
    return (
        f"{record.topic} partition {record.partition} offset {record.offset} "
        f"{_seconds(record.timestamp)} {record.reason}{about}\n"
        f"  key   {_hex(record.key)}\n  value {_hex(record.value)}\n"
        f"        {record.value!r}{headers}"
    )


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
