import json
from pathlib import Path

import pytest

from infra.local.errors import ProgramFailed
from infra.local.kraken import Kraken
from lake.layout import LakeLayout
from producer.model.time_range import TimeRange
from runtime.shutdown import StopRequest
from tests.engine import ROOT
from tests.unit.cli.running import run
from tests.unit.lake.lakes import files, land


def test_options_reach_the_recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit status passes through: 1 where it was stopped before it had caught up."""
    seen = []

    def record_trades(settings: object, _stop: object, *, until_caught_up: bool) -> None:
        seen.append((settings, until_caught_up))

    stopped = StopRequest()
    stopped.make()
    monkeypatch.setattr("producer.__main__._begin", lambda: ("settings", stopped))
    monkeypatch.setattr("producer.__main__.record_trades", record_trades)
    assert run("record") == (0, "")
    assert run("record", "--until-caught-up") == (1, "")
    assert seen == [("settings", False), ("settings", True)]


def test_options_reach_the_backfill(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that may be given several times, too."""
    seen = []

    def fetch_the_past(settings: object, _stop: object, pairs: str, span: TimeRange) -> bool:
        seen.append((settings, pairs, span.start))
        return True

    monkeypatch.setattr("producer.__main__._begin", lambda: ("settings", None))
    monkeypatch.setattr("producer.__main__.fetch_the_past", fetch_the_past)
    assert run("backfill", "--from", "beginning", "--pair", "A/B", "--pair", "C/D") == (0, "")
    (settings, pairs, _) = seen[0]
    assert (settings, pairs) == ("settings", "A/B,C/D")
    assert run("backfill")[0] == 2


def test_options_and_statuses_of_the_lake(elsewhere: Path) -> None:
    """The lake is verified as by `python -m lake`."""
    layout = LakeLayout(elsewhere, "KRAKEN")
    land(layout, range(1, 11))
    status, said = run("verify", "--json")
    assert (status, json.loads(said)["holds"]) == (0, True)
    assert run("files")[1].split() == [str(path) for path in files(layout)]
    assert run("quarantine", "list") == (0, "Nothing is in quarantine.\n")
    files(layout)[0].unlink()
    status, said = run("verify")
    assert (status, "missing file: KRAKEN/year=2026" in said) == (1, True)


def test_options_reach_the_schemas() -> None:
    """A group's commands are behind its name."""
    status, said = run("schemas", "list")
    assert (status, "kraken.trades.cursors-value" in said) == (0, True)
    assert run("schemas", "diff", "--last", "0")[0] == 2


def test_the_demo_runs_in_the_projects_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its programs run; how it fails is a sentence."""
    seen = []

    def demo(_console: object, kraken: Kraken, *_folders: Path) -> None:
        seen.append((Path.cwd(), kraken))
        raise ProgramFailed("land ended with status 1")

    monkeypatch.setattr("infra.local.__main__.demo", demo)
    assert run("demo", "--kraken", "live") == (1, "infra.local: land ended with status 1\n")
    assert seen == [(ROOT, Kraken.LIVE)]


@pytest.mark.parametrize(
    ("command", "setting", "start"),
    [
        ("record", ("KRAKEN_PAIR", ","), "producer: KRAKEN_PAIR: names no pair"),
        ("offsets", ("KAFKA_TOPIC", "a,b"), "producer: KAFKA_TOPIC: 'a,b' is not a topic name"),
        ("schemas check", ("KAFKA_TOPIC", "a,b"), "schemas: KAFKA_TOPIC: 'a,b' is not a"),
        ("monitor services", ("KAFKA_TOPIC", "a,b"), "infra.monitor: KAFKA_TOPIC: 'a,b' is no"),
        ("verify", ("EXCHANGE", "NONE"), "lake: "),
        ("fake-kraken --fault none", ("EXCHANGE", "NONE"), "replay: "),
    ],
)
def test_a_mistake_is_a_line(
    monkeypatch: pytest.MonkeyPatch, command: str, setting: tuple[str, str], start: str
) -> None:
    """The program's own, and its exit status is 1."""
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1")
    monkeypatch.setenv(*setting)
    status, said = run(*command.split())
    assert (status, len(said.splitlines())) == (1, 1)
    assert said.startswith(start)
