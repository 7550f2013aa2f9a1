"""Ask the services whether they can work, watch how the stream keeps up, and measure the lake."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError

from infra.monitor.errors import MetricsOff, ServicesMissing, WatchError
from infra.monitor.exporter import measure_until, probes
from infra.monitor.reading import take_reading
from infra.monitor.services import ask_all
from infra.monitor.stream import watch_stream
from lake.errors import LakeError
from lake.settings import LakeSettings
from producer.settings import ProducerSettings
from runtime.errors import BrokerError
from runtime.logs import configure_logging
from runtime.metrics import Metrics, MetricsSettings
from runtime.metrics_server import serving
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message
from schemas.errors import SchemasError

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command("services")
def services_command() -> None:
    """Check every service that the stream needs."""
    findings = list(ask_all(KafkaSettings(), RegistrySettings(), ProducerSettings()))
    for finding in findings:
        typer.echo(finding)
    missing = [finding.service for finding in findings if not finding.is_ready]
    if missing:
        raise ServicesMissing(
            f"not ready: {', '.join(missing)}; the lines above say why. Then check again with "
            "`kraken-lake monitor services`"
        )


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


@app.command("metrics")
def metrics_command(
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two measurements.")] = 15,
) -> None:
    """Serve metrics of the lake, the broker and the registry at METRICS_PORT, until SIGTERM."""
    own, settings = ProducerSettings(), MetricsSettings()
    configure_logging(own.log_format, own.log_level)
    if not settings.port:
        raise MetricsOff(
            "METRICS_PORT is not set, and without it this command has nothing to do: name a free "
            "port, such as METRICS_PORT=9466"
        )
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    metrics, lake = Metrics(), LakeSettings()
    measured = probes(metrics, KafkaSettings(), RegistrySettings(), lake.layout, lake.catalog_uri)
    with serving(metrics, settings):
        measure_until(stopping, measured, every)


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
