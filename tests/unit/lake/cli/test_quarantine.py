import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app
from lake.layout import LakeLayout
from tests.unit.lake.lakes import quarantine

TOO_LARGE = 1_769_796_000_000_000_000
"""Microseconds of 2026 that were taken for milliseconds."""
TIMES = [0, TOO_LARGE, -(1 << 62), (1 << 62), None]


@pytest.fixture
def far_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake with records in quarantine whose times no calendar of Python's holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    layout = LakeLayout(tmp_path, "KRAKEN")
    quarantine(layout, [(b"BTC/USD", b"\x01")] * len(TIMES), TIMES)
    return layout


def run(*arguments: str) -> str:
    """What `kraken-lake quarantine` prints."""
    ended = CliRunner().invoke(app, ["quarantine", *arguments], catch_exceptions=False)
    assert ended.exit_code == 0
    return ended.output


@pytest.mark.usefixtures("far_times")
def test_far_times_are_listed() -> None:
    """The earliest and the latest, years before 1 and after 9999, for a person and a program."""
    (row,) = (line.split() for line in run("list").splitlines() if "no magic byte" in line)
    assert row[-5:] == ["5", "-144169-06-28", "09:59:32", "+148108-07-06", "14:00:27"]
    (count,) = json.loads(run("list", "--json"))
    assert count["first_at"].startswith("-144169-06-28 09:59:32")
    assert count["last_at"].startswith("+148108-07-06 14:00:27")


@pytest.mark.usefixtures("far_times")
def test_far_times_are_shown() -> None:
    """Each record with its own, or without one."""
    heads = [line for line in run("show").splitlines() if line.startswith("kraken.trades")]
    assert heads[0].split()[5] == "1970-01-01"
    assert heads[1].split()[5] == "+58052-08-08"
    assert "without a time" in heads[4]
    shown = [json.loads(line)["timestamp"] for line in run("show", "--json").splitlines()]
    assert shown[0] == "1970-01-01T00:00:00+00:00"
    assert shown[1].startswith("+58052-08-08T")
    assert shown[4] is None


def test_nothing_in_quarantine_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words for a person, as an empty array for a program."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    assert "Nothing is in quarantine." in run("list")
    assert json.loads(run("list", "--json")) == []


def test_headers_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may name the schema, without which the value says nothing."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    headers = [{"key": "__value_schema_id", "value": b"\x01\x02"}, {"key": "empty", "value": None}]
    quarantine(LakeLayout(tmp_path, "KRAKEN"), [(b"BTC/USD", b"\x09")], headers=headers)
    assert "  header __value_schema_id 0102" in run("show").splitlines()
    assert json.loads(run("show", "--json"))["headers"] == [
        {"key": "__value_schema_id", "value": "0102"},
        {"key": "empty", "value": None},
    ]
