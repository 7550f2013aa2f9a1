"""The readers' lakes, written once, and each reader's answers, asked for once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine import ROOT
from tests.integration.readers import lakes
from tests.integration.readers.readers import READERS, Reader

PATIENCE = 300.0
"""Seconds that one reader may take for all of its questions on a busy machine."""

Answers = dict[str, dict[str, dict[str, Any]]]
"""By format, lake and question."""


class Answered:
    """What one reader answered.

    Attributes:
        versions: Of the reader and of what it reads with.
        answers: By format, lake and question.
    """

    def __init__(self, versions: dict[str, str], answers: Answers) -> None:
        self.versions = versions
        self.answers = answers


@pytest.fixture(scope="session")
def read_lakes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The lakes, as the programs take them: a name, a path, and what may be asked."""
    folder = tmp_path_factory.mktemp("readers")
    landed = lakes.write_landed(folder / "landed")
    compacted = lakes.write_compacted(landed, folder / "compacted")
    symbol, hours = lakes.is_of_symbol, lakes.is_around_the_full_hour
    copies = {
        "only the symbol's rows": (symbol, lakes.wipe_rows, "symbol"),
        "only the symbol's files": (symbol, lakes.wipe_file, "symbol"),
        "only the range's rows": (hours, lakes.wipe_rows, "time"),
        "only the range's files": (hours, lakes.wipe_file, "time"),
    }
    about: dict[str, dict[str, object]] = {
        "landed": {"path": str(landed.base)},
        "compacted": {"path": str(compacted.base)},
    }
    for number, (name, (is_needed, damage, question)) in enumerate(copies.items()):
        path = lakes.damaged_copy(compacted, folder / f"damaged-{number}", is_needed, damage)
        about[name] = {"path": str(path), "questions": [question]}
    return json.dumps(about)


@pytest.fixture(scope="session")
def environment_apart() -> Path:
    """The interpreter of the readers' own environment, installed if it is not yet."""
    subprocess.run([ROOT / "infra" / "setup.sh", "readers"], check=True, timeout=1_800)
    return ROOT / ".venv-readers" / "bin" / "python"


@pytest.fixture(scope="session")
def answered_by(read_lakes: str, request: pytest.FixtureRequest) -> Callable[[str], Answered]:
    """Ask a reader all of its questions, the first time that its answers are wanted."""
    known: dict[str, Answered] = {}

    def ask(name: str) -> Answered:
        if name not in known:
            reader = READERS[name]
            apart = reader.is_apart or reader.needs_jars
            python = request.getfixturevalue("environment_apart") if apart else None
            known[name] = _run(reader, python if reader.is_apart else None, read_lakes)
        return known[name]

    return ask


def _run(reader: Reader, python: Path | None, read_lakes: str) -> Answered:
    program = Path(__file__).with_name("programs") / f"{reader.program}.py"
    jars = sorted((ROOT / ".jars" / "delta").glob("*.jar"))
    settings = {
        name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ
    }
    settings |= {"SPARK_JARS": ",".join(map(str, jars)), "LC_ALL": "C.UTF-8", "TZ": "America/Lima"}
    if python is None:
        settings["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [python or sys.executable, program, read_lakes],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    return Answered(answer["versions"], answer["answers"])
