"""Land the trades of the Kafka topic in the Parquet lake: `spark-submit spark_consumer/main.py`."""

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if __name__ == "__main__":
    # For a script, Python searches the script's folder, not the one that the packages are in.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from runtime.output import outlive_readers

if TYPE_CHECKING:
    from lake.layout import LakeLayout

__all__ = ["main"]


def main(  # noqa: PLR0913, PLR0917  one parameter per option is how typer reads a command line
    once: Annotated[
        bool, typer.Option("--once", help="Land what the topic holds now, then end.")
    ] = False,
    trigger: Annotated[
        str | None,
        typer.Option(
            help="How often a micro-batch runs; by default every 300 milliseconds, on an object "
            "store every 5 seconds."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z"], help="End after the batch that runs at this time."
        ),
    ] = None,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over",
            help="Start beside a running stream, and take its place when Spark is warm.",
        ),
    ] = False,
    accept_new_kafka: Annotated[
        bool, typer.Option("--accept-new-kafka", help="Go on with a topic that was created again.")
    ] = False,
    skip_deleted: Annotated[
        bool, typer.Option("--skip-deleted", help="Go on after records that Kafka has deleted.")
    ] = False,
) -> None:
    """Land every trade of the topic in the lake, once."""
    # Imported here so that `kraken-lake stream` can read the options above without Spark.
    from runtime.logs import configure_logging
    from spark_consumer.bootstrap import Settings, stop_on_signals, stream
    from spark_consumer.failures import FAILURES, sentence
    from spark_consumer.kafka.source import Acceptance
    from spark_consumer.write.stream import Trigger

    stopping = threading.Event()
    stop_on_signals(stopping)
    if until is not None:
        _stop_at(until, stopping)
    try:
        settings = Settings.read()
        configure_logging(settings.consumer.log_format, settings.consumer.log_level)
        accept = Acceptance(new_kafka=accept_new_kafka, deleted_records=skip_deleted)
        when = Trigger(None if once else _interval(trigger, settings.lake.layout), until)
        stream(settings, when, accept, stopping, take_over=take_over)
    except FAILURES as error:
        typer.echo(f"spark_consumer: {sentence(error)}", err=True)
        raise SystemExit(1) from None


def _interval(chosen: str | None, layout: "LakeLayout") -> str:
    """Return how often a micro-batch runs; say so if that costs many requests."""
    import structlog

    from spark_consumer.write.stream import default_interval, is_costly

    if chosen is None:
        return default_interval(in_store=layout.is_on_store)
    if layout.is_on_store and is_costly(chosen):
        structlog.get_logger(__name__).warning(
            "short_trigger_on_a_store",
            trigger=chosen,
            advice="Each batch is some requests to the object store for each pair, which are paid "
            "for. --trigger '5 seconds' or longer makes fewer.",
        )
    return chosen


def _stop_at(time: datetime, stopping: threading.Event) -> None:
    """Set `stopping` at that time, from a daemon thread, which does not delay the program's end."""
    seconds = (time - datetime.now(UTC)).total_seconds()
    timer = threading.Timer(max(seconds, 0), stopping.set)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    outlive_readers()
    typer.run(main)
