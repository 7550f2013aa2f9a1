import json
import os
import shutil
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app, main
from lake.errors import ReferenceUnavailable
from lake.layout import LakeLayout
from lake.log.source_state import SourceState
from lake.verify.candle_answers import CandleAnswers
from lake.verify.result import Unproved
from tests.unit.lake.lakes import AT, HOUR, SOURCE, files, land
from tests.unit.lake.minutes import one_a_minute


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake of some trades, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    made = LakeLayout(tmp_path, "KRAKEN")
    land(made, range(1, 11))
    return made


def know_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorder without holes, dead letters, gaps or parked pairs."""
    for name in ("holes", "dead_letters", "open_gaps"):
        monkeypatch.setattr(f"lake.cli.verify.ask_{name}", dict)
    monkeypatch.setattr("lake.cli.verify.ask_parked", list)


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
    printed = json.loads(CliRunner().invoke(app, ["verify", "--json"]).output)
    assert printed["holds"]
    assert printed["files"] == len(files(layout))
    assert printed["symbols"][0]["trades"] == 10
    assert printed["symbols"][0]["hours"] == [{"hour": "2026-01-30T18:00:00+00:00", "trades": 10}]


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


def test_verify_asks_those_that_options_name(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking any reference brings the holes too; figures come for people and for programs."""
    land(layout, range(21, 31))
    topic = SourceState(source=SOURCE, earliest={0: 0}, latest={0: 25})
    know_nothing(monkeypatch)
    monkeypatch.setattr("lake.cli.verify.ask_holes", lambda: {"BTC_USD": [(11, 20)]})
    monkeypatch.setattr("lake.cli.verify.ask_source", lambda: topic)
    answers = CandleAnswers(unknown=(Unproved("BTC/USD", "no such pair"),))
    monkeypatch.setattr("lake.cli.verify.ask_candles", lambda _: answers)
    shown = CliRunner().invoke(app, ["verify", "--against-kafka", "--against-kraken"])
    assert (shown.exit_code, "The lake is 5 offsets behind Kafka." in shown.output) == (0, True)
    printed = json.loads(CliRunner().invoke(app, ["verify", "--against-kafka", "--json"]).output)
    assert (printed["holds"], printed["behind"], printed["candles"], printed["silent"]) == (
        True,
        5,
        [],
        [],
    )
    unasked = json.loads(CliRunner().invoke(app, ["verify", "--json"]).output)
    assert (unasked["holds"], unasked["behind"]) == (False, None)


def test_verify_tells_who_is_silent(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence; the lake is verified without them only where that is allowed."""

    def silent() -> SourceState:
        raise ReferenceUnavailable("no answer from Kafka")

    assert layout.commits.is_dir()
    know_nothing(monkeypatch)
    monkeypatch.setattr("lake.cli.verify.ask_source", silent)
    refused = CliRunner().invoke(app, ["verify", "--against-kafka"])
    assert isinstance(refused.exception, ReferenceUnavailable)
    allowed = CliRunner().invoke(app, ["verify", "--against-kafka", "--if-reachable"])
    assert (allowed.exit_code, "Not asked: no answer from Kafka" in allowed.output) == (0, True)


def test_verify_names_the_hours_last(layout: LakeLayout) -> None:
    """On a line of their own, for a program; not where something is wrong."""
    next_hour = HOUR.replace("hour=18", "hour=19")
    land(layout, range(11, 21), at=AT.replace(hour=19), folder=next_hour)
    good = CliRunner().invoke(app, ["verify", "--name-hours"])
    hours = {"BTC/USD": [["2026-01-30T18:00Z", "2026-01-30T18:00Z"]]}
    assert json.loads(good.output.splitlines()[-1])["hours"] == hours
    files(layout)[0].unlink()
    bad = CliRunner().invoke(app, ["verify", "--name-hours"])
    assert (bad.exit_code, "2026-01-30T18:00Z" in bad.output) == (1, False)


def test_verify_tells_how_many_files_it_read(layout: LakeLayout) -> None:
    """For people and for programs; all of them with --full."""
    an_hour_ago = time.time() - 3600
    os.utime(files(layout)[0], (an_hour_ago, an_hour_ago))
    assert "1 files were read." in CliRunner().invoke(app, ["verify"]).output
    known = "0 files were read; 1 have not changed"
    assert known in CliRunner().invoke(app, ["verify"]).output
    told = json.loads(CliRunner().invoke(app, ["verify", "--json"]).output)
    assert (told["files_read"], told["files_known"], told["not_kept"]) == (0, 1, None)
    full = json.loads(CliRunner().invoke(app, ["verify", "--json", "--full"]).output)
    assert (full["files_read"], full["files_known"]) == (1, 0)


def test_report_shows_the_chosen_hours(layout: LakeLayout) -> None:
    """All of them, those of a pair, and those that end after a time, which is UTC."""
    shutil.rmtree(layout.base)
    land(layout, one_a_minute(range(1, 11)))
    land(
        layout,
        one_a_minute(range(1, 11), AT.replace(hour=20)),
        folder=HOUR.replace("hour=18", "hour=20").replace("BTC", "ETH"),
    )

    def shown(*arguments: str) -> list[list[str]]:
        output = CliRunner().invoke(app, ["report", *arguments]).output
        return [line.split() for line in output.splitlines() if "USD" in line]

    btc = ["BTC/USD", "2026-01-30", "18h", "10", "1", "10", "15.00000000", "1"]
    eth = ["ETH/USD", "2026-01-30", "20h", *btc[3:]]
    assert shown() == [btc, eth]
    assert shown("--pair", "ETH/USD") == [eth]
    assert shown("--pair", "ETH/USD", "--pair", "BTC/USD") == [btc, eth]
    assert shown("--since", "2026-01-30T19:00Z") == [eth]
    assert shown("--since", "2026-01-30T20:59:59+0200") == [btc, eth]
    assert shown("--since", "2026-01-31") == []


def test_a_lake_that_cannot_be_read_is_reported_in_a_line(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, and what tells more."""
    monkeypatch.setattr("lake.read.listing_retry._PAUSE", 0)
    monkeypatch.setattr("sys.argv", ["lake", "report"])
    files(layout)[0].write_bytes(b"PAR1 and no more")
    with pytest.raises(SystemExit) as ended:
        main()
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1
    assert line.startswith("lake: the lake cannot be read: ")
    assert line.endswith("`kraken-lake verify` names damaged files")


def test_quarantine_tells_that_it_is_empty(layout: LakeLayout) -> None:
    """Nothing to list and nothing to show are said in words."""
    assert layout.commits.is_dir()
    assert "Nothing is in quarantine" in CliRunner().invoke(app, ["quarantine", "list"]).output
    assert "No such record" in CliRunner().invoke(app, ["quarantine", "show"]).output
