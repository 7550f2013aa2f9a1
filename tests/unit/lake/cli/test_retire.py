import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app
from lake.layout import LakeLayout
from tests.engine import ROOT
from tests.unit.lake.conftest import landed_ids
from tests.unit.lake.retiring import lake_of_hours, land_hour, prove

RETIRE = (sys.executable, "-m", "lake", "retire")
TWO_HOURS = ("--before", "2026-01-30T17:00Z")


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """Hours 15 to 18 with ids 1 to 80, proved, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path / "data"))
    made = LakeLayout(tmp_path / "data", "KRAKEN")
    lake_of_hours(made, 15, 16, 17, 18)
    return made


def invoke(*arguments: str) -> tuple[int, str]:
    """Exit status and output of `kraken-lake ARGUMENTS`."""
    ended = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"})
    return ended.exit_code, ended.output


def test_it_says_what_it_retired(layout: LakeLayout) -> None:
    """A line for each hour, then the sum; a second run has nothing to do."""
    status, output = invoke("retire", *TWO_HOURS)
    assert status == 0
    first, second, total = output.splitlines()
    assert first == "2026-01-30 15h: 20 trades of 1 pair"
    assert second == "2026-01-30 16h: 20 trades of 1 pair"
    assert total.startswith("40 trades, 2 files, ")
    assert landed_ids(layout) == list(range(41, 81))
    assert invoke("retire", *TWO_HOURS) == (0, "No hour is that old.\n")


def test_a_dry_run_removes_nothing(layout: LakeLayout) -> None:
    """It shows the same lines, and the log gets no commit."""
    before = sorted(layout.commits.iterdir())
    status, output = invoke("retire", *TWO_HOURS, "--dry-run")
    assert (status, len(output.splitlines())) == (0, 3)
    assert output.rstrip().endswith("would be retired.")
    assert landed_ids(layout) == list(range(1, 81))
    assert sorted(layout.commits.iterdir()) == before


def test_hours_that_stay_are_named_with_the_reason(layout: LakeLayout) -> None:
    """And the next command; the status is 0, since waiting is no failure."""
    land_hour(layout, 16, range(81, 82))
    status, output = invoke("retire", "--older-than", "1d")
    assert status == 0
    assert (
        "1 left, several files: BTC/USD 2026-01-30 16h. Run `kraken-lake compact`, then" in output
    )
    assert "1 left, newest hour of its pair: BTC/USD 2026-01-30 18h." in output
    assert landed_ids(layout) == [*range(21, 41), *range(61, 82)]


def test_a_machine_gets_each_hour(layout: LakeLayout) -> None:
    """What was removed, with the proof's figures, and what stays."""
    _, output = invoke("retire", "--before", "2026-01-31", "--json")
    told = json.loads(output)
    assert (told["before"], told["dry_run"]) == ("2026-01-31T00:00:00+00:00", False)
    first = told["retired"][0]
    assert len(first.pop("checksum")) == 32
    assert first.pop("bytes") > 0
    assert first == {
        "symbol": "BTC/USD",
        "hour": "2026-01-30T15:00:00+00:00",
        "trades": 20,
        "first_id": 1,
        "last_id": 20,
        "missing": [],
        "volume": "10.0000000000",
        "commit": 13,
    }
    assert [(one["hour"], one["reason"]) for one in told["left"]] == [
        ("2026-01-30T18:00:00+00:00", "newest hour of its pair")
    ]
    assert landed_ids(layout) == list(range(61, 81))


def test_the_setting_stands_in_for_the_option(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the DAG; an option counts before it."""
    monkeypatch.setenv("RETIRE_OLDER_THAN", "36500d")
    assert invoke("retire") == (0, "No hour is that old.\n")
    assert invoke("retire", *TWO_HOURS)[0] == 0
    assert landed_ids(layout) == list(range(41, 81))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give --older-than or --before, or set RETIRE_OLDER_THAN"),
        (("--older-than", "90d", *TWO_HOURS), "not both"),
        (("--older-than", "three months"), "is no duration"),
        (("--older-than", "99999999999d"), "longer than any lake is old"),
        (("--older-than", "2000000d"), "longer than any lake is old"),
        (("--before", "yesterday"), "yesterday"),
    ],
    ids=["none", "both", "no duration", "no timedelta", "before the calendar", "no time"],
)
def test_a_mistake_in_the_options_is_told(
    layout: LakeLayout, options: tuple[str, ...], message: str
) -> None:
    """With status 2, before anything is removed."""
    status, output = invoke("retire", *options)
    assert status == 2
    assert message in output
    assert landed_ids(layout) == list(range(1, 81))


def test_a_folder_without_a_lake_is_refused(layout: LakeLayout, tmp_path: Path) -> None:
    """With a sentence, and nothing is made there."""
    ended = subprocess.run(
        (*RETIRE, "--older-than", "90d"),
        cwd=tmp_path,
        env={**os.environ, "BASE_OUTPUT_PATH": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"lake: {tmp_path}/none holds no lake of KRAKEN")
    assert not (tmp_path / "none").exists()
    assert landed_ids(layout) == list(range(1, 81))


@pytest.mark.usefixtures("layout")
def test_the_other_commands_know_of_it() -> None:
    """`report` counts and lists what was retired, and `verify` counts it and is green."""
    assert "retired" not in invoke("report")[1]
    assert invoke("retire", *TWO_HOURS)[0] == 0
    report = invoke("report")[1]
    assert "2026-01-30 16h" not in report
    assert "40 more trades of all pairs were retired; --retired shows their hours." in report
    listed = invoke("report", "--retired", "--since", "2026-01-30T16:00:00Z")[1]
    assert "2026-01-30 15h" not in listed
    assert listed.split()[-8:] == [
        "BTC/USD",
        "2026-01-30",
        "16h",
        "20",
        "21",
        "40",
        "10.00000000",
        "13",
    ]
    assert "BTC/USD" not in invoke("report", "--retired", "--pair", "ETH/USD")[1]
    status, verified = invoke("verify")
    assert status == 0
    assert "40 more trades were retired" in verified
    assert "The lake is whole." in verified
    told = json.loads(invoke("verify", "--json")[1])
    assert told["symbols"][0]["retired"] == [[1, 40]]


def test_the_real_command_retires_what_the_real_verify_proved(
    layout: LakeLayout, tmp_path: Path
) -> None:
    """Compacted, verified, retired and verified again, each as a program of its own."""
    settings = {**os.environ, "BASE_OUTPUT_PATH": str(layout.base), "PYTHONPATH": str(ROOT)}

    def lake(*arguments: str) -> str:
        return subprocess.run(
            (sys.executable, "-m", "lake", *arguments),
            cwd=tmp_path,
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    land_hour(layout, 17, range(81, 83))
    lake("compact")
    assert prove(layout).holds
    lake("verify")
    lake("retire", "--before", "2026-01-30T18:00:00Z")
    assert landed_ids(layout) == list(range(61, 81))
    assert "The lake is whole." in lake("verify", "--full")
    lake("compact")
    lake("compact")
    assert "The lake is whole." in lake("verify")
    assert "62 more trades of all pairs were retired" in lake("report")
