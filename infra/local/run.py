"""Runs producer, stream and the merging of open hours until Ctrl-C, and shows rates and lag."""

import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from infra.embedded import EmbeddedStack
from infra.local.errors import ProgramFailed
from infra.local.kraken import Kraken, synthetic_kraken
from infra.local.programs import CONSOLE, LAND, MERGE, PRODUCE, REGISTER, Program, accepting
from infra.local.progress import Meter
from infra.local.steps import Steps
from lake.settings import LakeSettings
from runtime.metrics import MetricsSettings
from runtime.settings import KafkaSettings

__all__ = ["run"]

_SHOW_EVERY: Final = 5.0
_CONSOLE_STARTS_WITHIN: Final = 20.0
_SYNTHETIC_RATE: Final = 100.0
_Processes = Mapping[Program, subprocess.Popen[bytes]]


def run(console: Console, kraken: Kraken, state: Path, jars: Path) -> None:
    """Run producer and stream, and merge the small files of open hours, until Ctrl-C or SIGTERM.

    The stand-in's trades are synthetic, so they go to a topic of their own and to a lake of their
    own below `state`.

    Raises:
        EmbeddedError: The broker or the registry did not start.
        ProgramFailed: One of these programs ended by itself.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as at_end:
            _run(console, kraken, state, jars, at_end)
    except KeyboardInterrupt:
        console.print("Stopped. The next start continues where this run ended.")


def _run(console: Console, kraken: Kraken, state: Path, jars: Path, at_end: ExitStack) -> None:
    steps = Steps(console, total=3)
    logs = state / "logs"
    kafka, lake = KafkaSettings(), LakeSettings()
    environment: dict[str, str] = {}
    if kraken is Kraken.REPLAY:
        environment |= at_end.enter_context(
            synthetic_kraken(_SYNTHETIC_RATE, state / "synthetic-tape.json")
        )
        kafka = kafka.model_copy(update={"topic": "synthetic.trades"})
        lake = lake.model_copy(update={"base_output_path": state / "synthetic"})
    accepted = accepting(state)
    with steps.step("Kafka and a schema registry start"):
        stack = at_end.enter_context(EmbeddedStack(state / "embedded", jars))
    kafka = kafka.model_copy(update={"bootstrap_servers": stack.bootstrap_servers})
    environment |= stack.env()
    environment |= {"KAFKA_TOPIC": kafka.topic, "BASE_OUTPUT_PATH": str(lake.base_output_path)}
    _show_console(console, environment, logs, at_end)
    landing, for_stream = LAND.with_arguments(*accepted), environment
    if port := MetricsSettings().port:
        # The producer has the port itself.
        for_stream = {**environment, "METRICS_PORT": str(port + 1)}
    meter = Meter(kafka, lake.layout)
    with steps.step("schemas are registered"):
        REGISTER.run(environment, logs)
    with steps.step("producer and stream start"):
        processes = {PRODUCE: at_end.enter_context(PRODUCE.running(environment, logs))}
        while meter.topic() is None:
            _await_change(processes, logs, seconds=0.5)
        processes[landing] = at_end.enter_context(landing.running(for_stream, logs))
        processes[MERGE] = at_end.enter_context(MERGE.running(environment, logs))
    console.print(
        f"Trades land in {lake.layout.trades}; logs are in {logs}. Ctrl-C stops it.",
        highlight=False,
    )
    while True:
        console.print(str(meter.read()), highlight=False)
        _await_change(processes, logs, seconds=_SHOW_EVERY)


def _show_console(
    console: Console, environment: Mapping[str, str], logs: Path, at_end: ExitStack
) -> None:
    """Start the lake's pages and print where they are. The pipeline runs on without them."""
    process = at_end.enter_context(CONSOLE.running(environment, logs))
    log = CONSOLE.log_file(logs)
    deadline = time.monotonic() + _CONSOLE_STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        if said := log.read_text(encoding="utf-8", errors="replace").strip():
            console.print(said.splitlines()[-1], highlight=False, markup=False)
            return
        time.sleep(0.1)
    console.print(f"The lake's pages did not start; see {log}.", highlight=False, markup=False)


def _await_change(processes: _Processes, logs: Path, *, seconds: float) -> None:
    """Wait for some seconds.

    Raises:
        ProgramFailed: A program ended meanwhile.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for program, process in processes.items():
            status = process.poll()
            if status is not None:
                raise ProgramFailed(program.failure(status, logs))
        time.sleep(0.1)
