import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.layout import LakeLayout, folder_of
from lake.log.commit import Role
from lake.write.merge_choice import MOST_FILES
from lake.write.writer import LakeWriter
from tests.engine import ROOT
from tests.unit.lake.conftest import landed_ids
from tests.unit.lake.lakes import land

COMPACT = (sys.executable, "-m", "lake", "compact")
PATIENCE = 60.0
MANY = MOST_FILES + 5


@pytest.fixture
def busy(layout: LakeLayout) -> LakeLayout:
    """A lake whose hour of now has too many files."""
    add(layout, 1)
    return layout


def add(layout: LakeLayout, first: int) -> None:
    """Land too many files in the hour of now, a trade each."""
    folder = folder_of(datetime.now(UTC), "BTC/USD")
    land(layout, *([first + n] for n in range(MANY)), folder=folder)


@contextmanager
def following(layout: LakeLayout, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in its follow mode, killed at the end."""
    with subprocess.Popen(
        (*COMPACT, "--open-hours", "--every", "1 second"),
        cwd=tmp_path,
        env={**os.environ, "BASE_OUTPUT_PATH": str(layout.base), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def await_few_files(layout: LakeLayout) -> None:
    """Wait until enough files are merged."""
    deadline = time.monotonic() + PATIENCE
    while len(list(layout.trades.rglob("*.parquet"))) > MOST_FILES:
        assert time.monotonic() < deadline, "nothing was merged"
        time.sleep(0.05)


def test_it_merges_again_and_again_until_it_is_told_to_stop(
    busy: LakeLayout, tmp_path: Path
) -> None:
    """Others take the role of maintenance in between; SIGTERM ends it with status 0."""
    with following(busy, tmp_path) as process:
        await_few_files(busy)
        with LakeWriter.open(busy, run_id="other", role=Role.MAINTENANCE):
            assert process.poll() is None
        add(busy, MANY + 1)
        await_few_files(busy)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert output.splitlines()[-1] == "Stopped."
    assert landed_ids(busy) == list(range(1, 2 * MANY + 1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--every", "10 seconds"), "needs --open-hours"),
        (("--open-hours", "--every", "0 seconds"), "at least 1 second"),
        (("--open-hours", "--every", "often"), "is no duration"),
    ],
    ids=["alone", "no time", "no duration"],
)
def test_a_mistake_in_the_options_is_told(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    """Before the lake is touched."""
    done = subprocess.run(
        (*COMPACT, *options),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())
