"""`python -m infra.monitor services` and `python -m infra.monitor stream`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError

from infra.monitor.errors import ServicesMissing, WatchError
from infra.monitor.reading import take_reading
from infra.monitor.services import ask_all
from infra.monitor.stream import watch_stream
from lake.errors import LakeError
from lake.settings import LakeSettings
from producer.settings import ProducerSettings
from runtime.errors import BrokerError
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message
from schemas.errors import SchemasError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command("services")
def services_command() -> None:
    """Check every service that the stream needs."""
    findings = list(ask_all(KafkaSettings(), RegistrySettings(), ProducerSettings()))
    for finding in findings:
        typer.echo(finding)
    missing = [finding.service for finding in findings if not finding.is_ready]
    if missing:
        raise ServicesMissing(f"not ready: {', '.join(missing)}; see above")


@app.command("stream")
def stream_command(
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="When to stop watching.")
    ],
    every: Annotated[float, typer.Option(help="Seconds between two readings.")] = 15,
    patience: Annotated[
        float, typer.Option(help="Seconds without a commit, while records wait, before it fails.")
    ] = 120,
) -> None:
    """Print how far the lake is behind Kafka; fail if the stream stands still."""
    kafka, layout = KafkaSettings(), LakeSettings().layout
    watch_stream(
        lambda: take_reading(kafka, layout),
        until=until,
        every=timedelta(seconds=every),
        patience=timedelta(seconds=patience),
        echo=typer.echo,
    )


def main(command: Callable[[], object] = app) -> None:
    """Run a command; print a failure as a message, without a traceback."""
    try:
        command()
    except (WatchError, SchemasError, BrokerError, LakeError, ValidationError) as error:
        message = validation_message(error) if isinstance(error, ValidationError) else error
        typer.echo(f"infra.monitor: {message}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    outlive_readers()
    main()
