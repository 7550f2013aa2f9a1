import os
import re
import subprocess
import sys

import pytest

from tests.engine import ROOT

MANY_LINES = """
import sys
from runtime.output import outlive_readers
outlive_readers()
for number in range(100_000):
    print(number, file=sys.{stream})
raise SystemExit({status})
"""
PROGRAMS = [
    "producer/__main__.py",
    "lake/__main__.py",
    "schemas/__main__.py",
    "spark_consumer/main.py",
    "spark_consumer/replay.py",
    "infra/monitor/__main__.py",
    "infra/embedded/__main__.py",
    "infra/jars/__main__.py",
    "infra/local/__main__.py",
    "infra/fake_kraken/__main__.py",
    "cli/__main__.py",
    "benchmarks/__main__.py",
]


def run_without_reader(program: str, stream: str) -> tuple[int, str]:
    """Exit status, and what came by the other stream, of a program that is read from once."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        streams = {"stdout": process.stdout, "stderr": process.stderr}
        gone = streams.pop(stream)
        assert gone.readline() == "0\n"
        gone.close()
        (other,) = streams.values()
        return process.wait(timeout=60), other.read()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_reader_that_goes_away_changes_nothing(stream: str, status: int) -> None:
    """No traceback, no other status: the program ends as it would have ended."""
    program = MANY_LINES.format(stream=stream, status=status)
    assert run_without_reader(program, stream) == (status, "")


def test_without_it_the_program_would_fail() -> None:
    """What the above is there against."""
    program = MANY_LINES.format(stream="stdout", status=0).replace("outlive_readers()\n", "")
    status, said = run_without_reader(program, "stdout")
    assert (status, "BrokenPipeError" in said) == (1, True)


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_program_outlives_its_readers(path: str) -> None:
    """Each calls it when it is started as a program."""
    assert re.search(r"^ +outlive_readers\(\)$", (ROOT / path).read_text(), re.MULTILINE)
