import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app
from lake.layout import LakeLayout
from tests.unit.lake.lakes import files, land


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake of some trades, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    made = LakeLayout(tmp_path, "KRAKEN")
    land(made, range(1, 11))
    return made


def test_verify_tells_by_its_status(layout: LakeLayout) -> None:
    """0 while all holds, 1 with a line for each problem."""
    good = CliRunner().invoke(app, ["verify"])
    assert (good.exit_code, "The lake is whole." in good.output) == (0, True)
    files(layout)[0].unlink()
    bad = CliRunner().invoke(app, ["verify"])
    assert bad.exit_code == 1
    assert "missing file: KRAKEN/year=2026" in bad.output


def test_verify_tells_a_machine_as_json(layout: LakeLayout) -> None:
    """The same figures, to be read by a program."""
    told = json.loads(CliRunner().invoke(app, ["verify", "--json"]).output)
    assert told["holds"]
    assert told["files"] == len(files(layout))
    assert told["symbols"][0]["trades"] == 10
    assert told["symbols"][0]["hours"] == [{"hour": "2026-01-30T18:00:00+00:00", "trades": 10}]


def test_verify_takes_the_holes_that_the_exchange_confirmed(layout: LakeLayout) -> None:
    """As the producer tells them, from a file or on stdin; anything else is refused in words."""
    land(layout, range(21, 31))
    hole = {"exchange": "KRAKEN", "symbol": "BTC/USD", "first_trade_id": 11, "last_trade_id": 20}
    holes = layout.base / "holes.json"
    holes.write_text(json.dumps([{**hole, "confirmed_at": "2026-01-30T18:00:00Z"}]))
    gap = CliRunner().invoke(app, ["verify"])
    assert (gap.exit_code, "ids 11 to 20 never landed" in gap.output) == (1, True)
    assert CliRunner().invoke(app, ["verify", "--holes", str(holes)]).exit_code == 0
    piped = CliRunner().invoke(app, ["verify", "--holes", "-"], input=holes.read_text())
    assert piped.exit_code == 0
    refused = CliRunner().invoke(app, ["verify", "--holes", "-"], input="none")
    assert (refused.exit_code, "does not list holes" in refused.output) == (2, True)


def test_quarantine_tells_that_it_is_empty(layout: LakeLayout) -> None:
    """Nothing to list and nothing to show are said in words."""
    assert layout.commits.is_dir()
    assert "Nothing is in quarantine" in CliRunner().invoke(app, ["quarantine", "list"]).output
    assert "No such record" in CliRunner().invoke(app, ["quarantine", "show"]).output
