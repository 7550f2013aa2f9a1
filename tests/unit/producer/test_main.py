import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer


def run(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m producer` with nothing but these settings."""
    return subprocess.run(
        [sys.executable, "-m", "producer", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_mistake_in_the_settings_is_one_line(tmp_path: Path) -> None:
    """It names the variable, goes to stderr, and the exit status is 1."""
    ended = run(tmp_path, KRAKEN_PAIR=",")
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("producer: KRAKEN_PAIR: names no pair")


def test_help_names_the_option(tmp_path: Path) -> None:
    """Nothing is connected to for it."""
    ended = run(tmp_path, "--help")
    assert ended.returncode == 0
    assert "--until-caught-up" in ended.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("backfill", ["--pair", "--from", "--to"]),
        ("holes", ["--json"]),
        ("gaps", ["--json"]),
        ("accept-new-book", ["--pair", "--as"]),
        ("candles", ["--pair", "--json", "--by-pair"]),
        ("dead-letters", ["--json"]),
        ("decode", []),
        ("offsets", ["--json"]),
    ],
)
def test_each_command_tells_its_options(tmp_path: Path, command: str, options: list[str]) -> None:
    """Nothing is connected to for it."""
    ended = run(tmp_path, command, "--help")
    assert ended.returncode == 0
    assert [option for option in options if option not in ended.stdout] == []


def test_a_backfill_needs_a_beginning(tmp_path: Path) -> None:
    """The start is not guessed."""
    ended = run(tmp_path, "backfill")
    assert ended.returncode == 2
    assert "--from" in ended.stderr


def test_a_span_of_no_use_is_one_line(tmp_path: Path) -> None:
    """Before anything is connected to."""
    ended = run(tmp_path, "backfill", "--from", "2026-01-30")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("producer: --from '2026-01-30' is not")


def test_candles_are_shown_for_the_labels_of_the_settings(tmp_path: Path) -> None:
    """A pair is found under its label or its name, and reported under the requested one."""
    with ReplayServer() as kraken:
        settings = {"KRAKEN_API_URL": kraken.url, "KRAKEN_PAIR": "XBT/USDT", "SYMBOL": "MY_COIN"}
        by_label = run(tmp_path, "candles", "--pair", "MY/COIN", "--json", **settings)
        by_name = run(tmp_path, "candles", "--pair", "BTC/USDT", "--json", **settings)
        by_settings = run(tmp_path, "candles", "--json", **settings)
        table = run(tmp_path, "candles", **settings)
    assert {one["symbol"] for one in json.loads(by_label.stdout)} == {"MY/COIN"}
    assert {one["symbol"] for one in json.loads(by_name.stdout)} == {"BTC/USDT"}
    assert by_settings.stdout == by_label.stdout
    rows = [line.split() for line in table.stdout.splitlines()]
    prices = ["105410.1", "105410.1", "105351.1", "105351.1"]
    assert ["MY/COIN", "11-10", "17:24", *prices, "0.00955370", "5"] in rows


def test_what_is_logged_does_not_spoil_the_json(tmp_path: Path) -> None:
    """A rate limit is logged on stderr, and waited for."""
    with ReplayServer(faults=[Fault(kind=FaultKind.RATE_LIMIT, endpoint="OHLC")]) as kraken:
        shown = run(
            tmp_path, "candles", "--json", KRAKEN_API_URL=kraken.url, KRAKEN_PAIR="BTC/USDT"
        )
    assert "kraken_rate_limited" in shown.stderr
    assert len(json.loads(shown.stdout)) == 409
