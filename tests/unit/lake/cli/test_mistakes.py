"""What a user may get wrong: one sentence that says what, and never a traceback."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app, main
from lake.cli.report import _exact
from lake.layout import LakeLayout, folder_of
from tests.unit.lake.lakes import AT, land
from tests.unit.lake.tables.trades import trades


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake of some trades, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path / "data"))
    made = LakeLayout(tmp_path / "data", "KRAKEN")
    land(made, range(1, 11))
    return made


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> str:
    """What a call that ends with status 1 prints on stderr."""
    monkeypatch.setattr(sys, "argv", ["kraken-lake", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.usefixtures("layout")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compact", "--older-than", "999999 days"], "is longer than any lake is old"),
        (["compact", "--open-hours", "--older-than", "999999d"], "is longer than any lake is old"),
        (["retire", "--older-than", "999999d"], "is longer than any lake is old"),
        (["quarantine", "show", "--limit", "9" * 20], "Input should be "),
        (["quarantine", "show", "--offset", "9" * 60], "Input should be "),
        (["quarantine", "show", "--partition", "-1"], "Input should be "),
        (["verify", "--holes", "binary"], "it is no UTF-8"),
    ],
)
def test_an_option_out_of_range_is_named(words: list[str], said: str) -> None:
    """With status 2, as every wrong option."""
    Path("binary").write_bytes(b"\xff\xfe\0[]")
    ended = CliRunner(env={"COLUMNS": "200"}).invoke(app, words)
    assert (ended.exit_code, said in ended.output) == (2, True), ended.output


@pytest.mark.parametrize("words", [["compact"], ["compact", "--open-hours"], ["retire"]])
def test_a_place_without_a_lake_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    """And nothing is made there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path / "nowhere"))
    monkeypatch.setenv("RETIRE_OLDER_THAN", "90d")
    assert "nowhere holds no lake of KRAKEN" in refused(monkeypatch, capsys, *words)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.usefixtures("layout")
@pytest.mark.parametrize(
    ("name", "value"),
    [("EXCHANGE", " KRAKEN "), ("LOG_RETENTION_HOURS", "nan"), ("TABLE_FORMATS", "Delta")],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    """It names the variable as the user wrote it."""
    monkeypatch.setenv(name, value)
    line = refused(monkeypatch, capsys, "report")
    assert line.startswith(f"lake: {name}: ")
    assert line.count("\n") == 1
    assert "pydantic" not in line


def test_formats_may_have_blanks(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the setting as in the option."""
    monkeypatch.setenv("TABLE_FORMATS", "delta, iceberg")
    assert CliRunner().invoke(app, ["tables", "sync"]).exit_code == 0
    assert (layout.base / "_delta_log").is_dir()
    assert (layout.base / "_iceberg").is_dir()


def test_a_table_that_cannot_be_read_does_not_hide_the_other(layout: LakeLayout) -> None:
    """Its error is said, and the status is 1; a sync brings the other up to date."""
    both = ["--format", "iceberg,delta"]
    assert CliRunner().invoke(app, ["tables", "sync", *both]).exit_code == 0
    (layout.base / "_iceberg" / "catalog.db").write_bytes(b"no database")
    land(layout, range(11, 21))
    for words in (["tables", "sync", *both], ["tables", "status", *both, "--json"]):
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 1
        assert "lake: the catalog of the Iceberg table" in ended.stderr
        assert "delta" in ended.stdout
    assert '"commits_behind": 0' in ended.stdout


def test_a_lake_by_another_path_has_a_sound_iceberg_table(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table names files by the first path; nobody should write it anew for that."""
    assert CliRunner().invoke(app, ["tables", "sync", "--format", "iceberg"]).exit_code == 0
    other = layout.base.with_name("link")
    other.symlink_to(layout.base)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(other))
    said = refused(monkeypatch, capsys, "tables", "status", "--format", "iceberg")
    assert "is the same folder by another path" in said
    assert "--rebuild" not in said


def test_a_report_in_a_pipe_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each hour, and no figure is cut."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    symbol = "X" * 60 + "/USD"
    land(LakeLayout(tmp_path / "data", "KRAKEN"), trades(1, 3, AT), folder=folder_of(AT, symbol))
    ended = CliRunner().invoke(app, ["report"], catch_exceptions=False)
    (line,) = [line for line in ended.output.splitlines() if symbol in line]
    assert "2026-01-30 18h" in line


@pytest.mark.parametrize(
    ("volume", "shown"),
    [
        ("1", "1.00000000"),
        ("0.0000000001", "0.0000000001"),
        ("1234567890123.123456789", "1234567890123.123456789"),
    ],
)
def test_a_sum_of_volumes_is_exact(volume: str, shown: str) -> None:
    """The lake has ten decimals."""
    assert _exact(Decimal(volume)) == shown
