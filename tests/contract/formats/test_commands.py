"""The commands, their options with defaults, and the exit statuses that the documents promise."""

import os
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.core

from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import DATA, read

COMMANDS = read("commands.json")
PROGRAMS = sorted({command.split()[0] for command in COMMANDS})
OF_TYPER = ("--install-completion", "--show-completion")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Takes what a program hands to typer, before any argument is read."""
    taken: list[Any] = []

    def take(command: Any, *_: Any, **__: Any) -> None:
        taken.append(command)
        raise SystemExit(0)

    for kind in (typer.core.TyperCommand, typer.core.TyperGroup):
        monkeypatch.setattr(kind, "main", take)
    return taken


def described(name: str, command: Any) -> dict[str, dict[str, str]]:
    """Each command below a name, with its arguments and options."""
    shown = {one.opts[0]: _shown(one) for one in command.params if one.opts[0] not in OF_TYPER}
    found = {name: shown}
    for word, below in getattr(command, "commands", {}).items():
        found |= described(f"{name} {word}", below)
    return found


def _shown(parameter: Any) -> str:
    """The default, and what may be chosen; what must be given is required."""
    annotation = parameter.type_descriptor.annotation
    kinds = [one for one in (annotation, *get_args(annotation)) if isinstance(one, type)]
    choices = [choice for kind in kinds if issubclass(kind, Enum) for choice in kind]
    of = f" of {_text(choices)}" if choices else ""
    return ("required" if parameter.required else _text(parameter.default)) + of


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    if isinstance(value, Path):
        return value.name
    return str(value.value if isinstance(value, Enum) else value)


@pytest.mark.parametrize("program", PROGRAMS)
def test_commands_and_options(run: Run, started: list[Any], program: str) -> None:
    """None goes, none gets another name or default; a new one gets a line in `commands.json`.

    `cli` is the console script `kraken-lake`, whose commands hand their options on.
    """
    run(program)
    found = described(program, started[0])
    assert found == {name: of for name, of in COMMANDS.items() if name.split()[0] == program}


def test_the_program_for_java_archives(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to start before typer is there, and has its own parser."""
    monkeypatch.setenv("COLUMNS", "120")
    usage = "usage: python -m infra.jars [-h] [--folder FOLDER] [--lock] [GROUP ...]"
    assert run("infra.jars", "--help").out.splitlines()[0] == usage


TOPIC = {"KAFKA_TOPIC": "no topic"}
NO_JAVA = {"JAVA_HOME": "/nowhere"}
LATER = ("--until", "2999-01-01T00:00:00+0000")


@pytest.mark.parametrize(
    ("settings", "command", "name"),
    [
        (TOPIC, ("producer", "holes"), "producer"),
        (TOPIC, ("schemas", "list"), "schemas"),
        ({"EXCHANGE": "*"}, ("lake", "report"), "lake"),
        (TOPIC, ("spark_consumer/main.py", "--once"), "spark_consumer"),
        (TOPIC, ("spark_consumer.replay",), "spark_consumer.replay"),
        (TOPIC, ("spark_consumer.reread", "1", "2"), "spark_consumer.reread"),
        (TOPIC, ("infra.monitor", "stream", *LATER), "infra.monitor"),
        ({"CONSOLE_PORT": "none"}, ("console",), "console"),
        (NO_JAVA, ("infra.embedded", "--state", "embedded"), "infra.embedded"),
        (NO_JAVA, ("infra.jars", "--lock", "--folder", "jars"), "infra.jars"),
        (NO_JAVA, ("benchmarks", "produce"), "benchmarks"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_program_that_cannot_work_ends_with_status_1(
    run: Run, settings: dict[str, str], command: tuple[str, ...], name: str
) -> None:
    """And with a message on stderr that begins with its name."""
    ended = run(*command, **settings)
    assert (ended.status, ended.err.partition(":")[0]) == (1, name)


@pytest.mark.parametrize("program", [*PROGRAMS, "infra.jars"])
def test_an_option_that_nobody_knows_ends_with_status_2(run: Run, program: str) -> None:
    """A mistake in the command is distinguished from a failure of its work."""
    assert run(program, "--no-such-option").status == 2


@pytest.mark.parametrize(
    "arguments", [["--until-caught-up"], ["backfill", "--from", "beginning"]], ids=" ".join
)
def test_a_producer_that_is_stopped_before_its_end_has_status_1(
    tmp_path: Path, arguments: list[str]
) -> None:
    """Whoever waits for it must not go on without the rest."""
    command = [sys.executable, "-m", "producer", *arguments]
    settings = {"PATH": os.environ["PATH"], "KRAKEN_API_URL": "http://127.0.0.1:9"}
    with subprocess.Popen(command, cwd=tmp_path, env=settings, stderr=subprocess.PIPE) as producer:
        try:
            assert producer.stderr is not None
            assert producer.stderr.readline(), "it says that Kraken does not answer"
            producer.terminate()
            assert producer.wait(30) == 1
        finally:
            producer.kill()


def test_compaction_of_damaged_files_has_status_1(tmp_path: Path, run: Run) -> None:
    """With all that can be compacted done, and status 0 where that is everything."""
    for name, damage, status in (("good", b"", 0), ("bad", b"more", 1)):
        base = tmp_path / name
        shutil.copytree(DATA / "lake", base)
        newest = max(base.glob("KRAKEN/**/*.parquet"))
        newest.write_bytes(newest.read_bytes() + damage)
        assert run("lake", "compact", BASE_OUTPUT_PATH=str(base)).status == status


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (("quarantine", "replay"), "-m spark_consumer.replay"),
        (("report", "--html", "a.html"), "-m console.report a.html"),
        (
            ("report", "--daily", "--pair", "BTC/USD", "--pair", "ETH/USD"),
            "-m console.report --daily --pair BTC/USD --pair ETH/USD",
        ),
        (("reread", "--from-commit", "3"), "-m spark_consumer.reread 3 3"),
        (("reread", "--from-commit", "3", "--to-commit", "5"), "-m spark_consumer.reread 3 5"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_another_program_does_ends_as_that_does(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], asked: str
) -> None:
    """`lake` starts it with these arguments, and hands its status on."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho "$@" >"{tmp_path}/asked"\nexit 7\n')
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    assert run("lake", *command).status == 7
    assert (tmp_path / "asked").read_text().strip() == asked
