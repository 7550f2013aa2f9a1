import os
import re
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import console.__main__
import infra.embedded.__main__
import infra.fake_kraken.__main__
import infra.local.__main__
import infra.monitor.__main__
import lake.__main__
import producer.__main__
import schemas.__main__
import spark_consumer.main
from cli.__main__ import main
from cli.commands import COMMANDS
from tests.engine import ROOT
from tests.unit.cli.running import run, run_process

PROGRAMS = (producer.__main__.app, lake.__main__.app, infra.local.__main__.app)
"""Each of their commands is one of kraken-lake under the same name."""
WHOLE = {
    "record": producer.__main__.record,
    "stream": spark_consumer.main.main,
    "console": console.__main__.app,
    "embedded": infra.embedded.__main__.main,
    "fake-kraken": infra.fake_kraken.__main__.main,
    "schemas": schemas.__main__.app,
    "monitor": infra.monitor.__main__.app,
}
"""Programs that are a command of kraken-lake as a whole."""


def commands_of(program: typer.Typer) -> set[str]:
    """The names of its commands and groups."""
    return {
        *(one.name or one.callback.__name__ for one in program.registered_commands if one.callback),
        *(group.name for group in program.registered_groups if group.name),
    }


def test_every_command_of_the_programs_is_there() -> None:
    """A command that is added to a program is added to kraken-lake too."""
    names = [command.name for command in COMMANDS]
    assert set(names) == set(WHOLE).union(*map(commands_of, PROGRAMS))
    assert len(names) == len(set(names))


def test_the_help_has_one_line_for_each() -> None:
    """In a terminal of 80 columns no summary is wrapped or cut."""
    status, shown = run("--help")
    lines = [" ".join(line.strip("│ \n").split()) for line in shown.splitlines()]
    assert status == 0
    assert [one.name for one in COMMANDS if f"{one.name} {one.summary}" not in lines] == []
    assert [one.name for one in COMMANDS if not re.fullmatch(r"[A-Z].*\.", one.summary)] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=["producer", "lake", "local"])
def test_the_help_of_a_command_is_the_programs(program: typer.Typer) -> None:
    """Options and texts are those of `python -m`, under the name of kraken-lake."""
    for name in commands_of(program):
        expected = CliRunner().invoke(program, [name, "--help"], prog_name="kraken-lake")
        assert run(name, "--help") == (0, expected.output)


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"stream"}))
def test_the_help_of_a_program_is_its_own(name: str) -> None:
    """Of a program that is one command, too."""
    program = WHOLE[name]
    if not isinstance(program, typer.Typer):
        program = typer.Typer(add_completion=False)
        program.command()(WHOLE[name])
    expected = CliRunner().invoke(program, ["--help"], prog_name=f"kraken-lake {name}")
    assert run(name, "--help") == (0, expected.output)


def test_the_help_imports_no_program() -> None:
    """It takes no longer than Python and typer, and needs no package of the programs."""
    heavy = ["pyspark", "duckdb", "pyarrow", "confluent_kafka", "pydantic", "lake", "producer"]
    shown = run_process(
        "import sys; from cli.__main__ import app; app(['--help'], standalone_mode=False)\n"
        f"print('imported:', [name for name in {heavy} if name in sys.modules])"
    )
    assert shown.stdout.splitlines()[-1] == "imported: []", shown.stderr


def test_reading_the_options_of_the_stream_imports_no_spark() -> None:
    """Spark starts in another process, and takes seconds to import."""
    shown = run_process(
        "import atexit, sys; from cli.__main__ import app\n"
        "atexit.register(lambda: print('imported:', 'pyspark' in sys.modules))\n"
        "app(['stream', '--help'])"
    )
    assert "--accept-new-kafka" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "imported: False", shown.stderr


@pytest.mark.parametrize(
    ("module", "command", "extras"),
    [
        ("msgspec", "record", "producer"),
        ("duckdb", "report", "lake"),
        ("uvicorn", "console", "producer,lake,console"),
        ("aiohttp", "demo", "producer,spark,lake,infra"),
        ("confluent_kafka", "schemas", ""),
    ],
)
def test_what_is_not_installed_is_named_with_its_extra(
    module: str, command: str, extras: str
) -> None:
    """A sentence instead of a traceback."""
    ended = run_process(
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from cli.__main__ import app; app([{command!r}])"
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"kraken-lake: {command} needs {module}, which is not installed; "
        f"install kraken-lake{extras and f'[{extras}]'}\n"
    )


def test_the_script_is_installed() -> None:
    """`make setup` installs it next to Python."""
    (script,) = entry_points(group="console_scripts", name="kraken-lake")
    assert script.load() is main
    assert os.access(Path(sys.executable).with_name("kraken-lake"), os.X_OK)


def test_the_version_is_that_of_the_project() -> None:
    """As pyproject.toml has it."""
    (version,) = re.findall(
        r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert run("--version") == (0, f"kraken-lake {version}\n")


def test_a_mistyped_command_is_a_usage_error() -> None:
    """Exit status 2, with the one that was probably meant."""
    status, said = run("verfy")
    assert (status, "Did you mean 'verify'?" in said) == (2, True)
