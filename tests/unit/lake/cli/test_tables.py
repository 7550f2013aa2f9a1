"""`kraken-lake tables sync | status | version`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app, main
from lake.layout import LakeLayout
from lake.tables.delta.table import DeltaTable
from lake.tables.iceberg.table import IcebergTable
from lake.tables.table import LakeTable
from tests.engine import ROOT
from tests.unit.lake.lakes import compact, land

PATIENCE = 180.0


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake of some trades, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    made = LakeLayout(tmp_path, "KRAKEN")
    land(made, range(1, 11), range(11, 21))
    return made


def printed(*arguments: str) -> str:
    """What a call that succeeds prints."""
    ended = CliRunner().invoke(app, ["tables", *arguments])
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_sync_says_what_it_did(layout: LakeLayout) -> None:
    """The version, the lake's commit, and the files; and that there was nothing to do."""
    assert (
        "Version 0 of the delta table holds the lake as of commit 2: 2 files added, 0 removed"
        in printed("sync")
    )
    assert "The delta table holds the lake's newest commit." in printed("sync")
    compact(layout)
    assert "as of commit 3 by 1 commits: 1 files added, 2 removed" in printed("sync")


def test_status_shows_the_lag(layout: LakeLayout) -> None:
    """For people and for programs."""
    printed("sync", "--format", "delta")
    land(layout, range(21, 31))
    found = json.loads(printed("status", "--json"))
    assert found.pop("seconds_behind") >= 0
    assert found == {
        "format": "delta",
        "version": 0,
        "commit": 2,
        "newest_commit": 3,
        "commits_behind": 1,
    }
    assert "delta" in printed("status")


def test_status_of_no_table_has_status_1(layout: LakeLayout) -> None:
    """And names the command that makes it."""
    assert layout.commits.exists()
    ended = CliRunner().invoke(app, ["tables", "status"])
    assert (ended.exit_code, "kraken-lake tables sync" in ended.output) == (1, True)


def test_version_maps_a_commit(layout: LakeLayout) -> None:
    """Of a commit between two versions, the version before it."""
    printed("sync")
    land(layout, range(21, 31), range(31, 41))
    printed("sync")
    assert printed("version", "--at", "4").strip() == "1"
    between = CliRunner().invoke(app, ["tables", "version", "--at", "3"])
    assert between.stdout.strip() == "0"
    assert "It holds the commits up to 2." in between.stderr


def test_a_commit_before_all_versions_is_a_message(
    layout: LakeLayout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a traceback."""
    assert layout.commits.exists()
    printed("sync")
    monkeypatch.setattr("sys.argv", ["lake", "tables", "version", "--at", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "LOG_RETENTION_HOURS" in capsys.readouterr().err


def test_a_damaged_table_is_a_message_and_is_mended(
    layout: LakeLayout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the option that mends it."""
    printed("sync")
    (layout.base / "_delta_log" / f"{0:020d}.json").write_text("{")
    monkeypatch.setattr("sys.argv", ["lake", "tables", "sync"])
    with pytest.raises(SystemExit):
        main()
    assert "--rebuild" in capsys.readouterr().err
    assert "as of commit 2: 2 files added" in printed("sync", "--rebuild")
    assert "newest commit" in printed("sync")


def test_both_formats_at_once(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the option or by the setting; a line for each."""
    done = printed("sync", "--format", "delta,iceberg").splitlines()
    assert [line.partition(" holds")[0] for line in done] == [
        "Version 0 of the delta table",
        "Version 1 of the iceberg table",
    ]
    land(layout, range(21, 31))
    monkeypatch.setenv("TABLE_FORMATS", "iceberg,delta")
    found = [json.loads(line) for line in printed("status", "--json").splitlines()]
    assert [(one["format"], one["commits_behind"]) for one in found] == [
        ("iceberg", 1),
        ("delta", 1),
    ]
    printed("sync")
    assert printed("version", "--at", "3", "--format", "iceberg").strip() == "2"


def test_a_format_that_nobody_knows_is_a_mistake(layout: LakeLayout) -> None:
    """With status 2, and the names that there are."""
    assert layout.commits.exists()
    ended = CliRunner().invoke(app, ["tables", "sync", "--format", "hudi"])
    assert ended.exit_code == 2
    assert "delta,iceberg" in ended.output


def test_without_its_package_a_format_is_a_message(
    layout: LakeLayout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That says what to install; Delta needs none."""
    assert layout.commits.exists()
    monkeypatch.delitem(sys.modules, "lake.tables.iceberg.table", raising=False)
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    monkeypatch.setitem(sys.modules, "pyiceberg.exceptions", None)
    monkeypatch.setattr("sys.argv", ["lake", "tables", "sync", "--format", "iceberg"])
    with pytest.raises(SystemExit):
        main()
    assert "kraken-lake[iceberg]" in capsys.readouterr().err
    printed("sync")


@pytest.mark.parametrize("every", ["0 seconds", "soon"])
def test_an_interval_has_to_be_a_duration(layout: LakeLayout, every: str) -> None:
    """A mistake in the command has status 2."""
    assert layout.commits.exists()
    assert CliRunner().invoke(app, ["tables", "sync", "--every", every]).exit_code == 2


@contextmanager
def following(
    layout: LakeLayout, tmp_path: Path, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """The command in its follow mode, killed at the end."""
    paths = {"BASE_OUTPUT_PATH": str(layout.base), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        (sys.executable, "-m", "lake", "tables", "sync", "--every", "1 second"),
        cwd=tmp_path,
        env={**os.environ, **paths, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def await_commit(layout: LakeLayout, commit: int) -> None:
    """Wait until the Delta table holds a commit."""
    assert_reaches(DeltaTable(layout), commit)


def assert_reaches(table: LakeTable, commit: int) -> None:
    """A table comes to hold a commit."""
    deadline = time.monotonic() + PATIENCE
    while (position := table.position()) is None or position.commit < commit:
        assert time.monotonic() < deadline, "nothing brought the table up to date"
        time.sleep(0.02)


def test_it_keeps_a_table_up_to_date_until_it_is_stopped(tmp_path: Path) -> None:
    """It waits for a lake, takes in what lands and what is merged, and ends with status 0."""
    layout = LakeLayout(tmp_path / "later", "KRAKEN")
    with following(layout, tmp_path) as process:
        assert process.stdout is not None
        assert "Keeping the delta table" in process.stdout.readline()
        assert "there is no commit log" in process.stdout.readline()
        land(layout, range(1, 11), range(11, 21))
        await_commit(layout, 1)
        compact(layout)
        await_commit(layout, 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read().endswith("Stopped.\n")
    assert len(DeltaTable(layout).files()) == 1


def test_a_catalog_that_is_down_holds_up_its_own_table_only(tmp_path: Path) -> None:
    """The other table is kept meanwhile, and this one catches up once the catalog is back."""
    layout, shared = LakeLayout(tmp_path / "data", "KRAKEN"), tmp_path / "shared"
    land(layout, range(1, 11))
    uri = f"sqlite:///{shared}/catalog.db"
    settings = {"TABLE_FORMATS": "delta,iceberg", "ICEBERG_CATALOG_URI": uri}
    with following(layout, tmp_path, **settings) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("cannot be used (unable to open database file)" in line for line in lines)
        await_commit(layout, 1)
        land(layout, range(11, 21))
        await_commit(layout, 2)
        shared.mkdir()
        assert_reaches(IcebergTable(layout, uri), 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
