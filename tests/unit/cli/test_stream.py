import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import ROOT

SCRIPT = str(ROOT / "spark_consumer" / "main.py")
SPARK_SUBMIT = """#!/bin/sh
printf '%s\\n' "$PYSPARK_PYTHON" "$@"
exit 3
"""
STREAM = """
import sys
sys.executable = {python!r}
from cli.__main__ import app
app(['stream', *{arguments}])
"""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The bin folder of an environment whose spark-submit shows what it was given."""
    path = tmp_path / "bin" / "spark-submit"
    path.parent.mkdir()
    path.write_text(SPARK_SUBMIT)
    path.chmod(0o755)
    return path.parent


def stream(
    bin_folder: Path, *arguments: str, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """`kraken-lake stream` of the environment with this bin folder."""
    program = STREAM.format(python=str(bin_folder / "python"), arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_becomes_spark_submit(environment: Path) -> None:
    """With the script that users submit, this environment's Python, and its exit status."""
    ended = stream(environment, "--once", "--trigger", "5 seconds")
    shown = [str(environment / "python"), SCRIPT, "--once", "--trigger", "5 seconds"]
    assert (ended.returncode, ended.stdout.splitlines()) == (3, shown)


def test_what_stands_behind_two_dashes_is_sparks(environment: Path) -> None:
    """spark-submit takes its own options before the script, and the script's behind it."""
    ended = stream(environment, "--once", "--", "--master", "local[2]", "--conf", "a=b")
    arguments = ended.stdout.splitlines()[1:]
    assert arguments == ["--master", "local[2]", "--conf", "a=b", SCRIPT, "--once"]


def test_a_python_that_was_named_stays(environment: Path) -> None:
    """On a cluster it may be another one."""
    ended = stream(environment, PYSPARK_PYTHON="/opt/python")
    assert ended.stdout.splitlines() == ["/opt/python", SCRIPT]


def test_spark_submit_may_be_anywhere_on_the_path(environment: Path, tmp_path: Path) -> None:
    """Where the environment has none: a Spark of the user's own."""
    ended = stream(tmp_path, PATH=f"{environment}:/usr/bin:/bin")
    assert ended.stdout.splitlines() == [str(tmp_path / "python"), SCRIPT]


def test_without_spark_it_says_what_to_install(tmp_path: Path) -> None:
    """A sentence instead of a traceback."""
    ended = stream(tmp_path, "--once")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"kraken-lake: stream needs spark-submit, which is neither in {tmp_path} nor on PATH; "
        "install kraken-lake[spark]\n"
    )


@pytest.mark.parametrize("arguments", [["--onec"], ["--until", "noon"], ["now"]])
def test_a_mistake_is_found_before_spark_starts(environment: Path, arguments: list[str]) -> None:
    """As a usage error of kraken-lake."""
    ended = stream(environment, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Usage: kraken-lake stream [OPTIONS]")


def test_the_help_is_that_of_the_script(environment: Path) -> None:
    """And says how Spark is given options of its own."""
    shown = stream(environment, "--help").stdout
    options = ["--once", "--trigger", "--until", "--accept-new-kafka", "--skip-deleted"]
    assert [option for option in options if option not in shown] == []
    assert "Land every trade of the topic in the lake, once." in shown
    assert "kraken-lake stream --once -- --master local[2]" in shown
