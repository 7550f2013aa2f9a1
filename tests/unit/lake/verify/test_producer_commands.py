import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer
from lake.errors import ReferenceUnavailable
from lake.verify.missing_id_reasons import OpenGap
from lake.verify.producer_commands import (
    ask_candles,
    ask_dead_letters,
    ask_holes,
    ask_open_gaps,
    ask_parked,
    ask_source,
    ask_trade_ids,
)
from tests.unit.lake.lakes import AT

Program = Callable[..., None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a program in the producer's place that prints this and ends with this status."""

    def replace(answer: object, *, status: int = 0, error: str = "") -> None:
        script = tmp_path / "python"
        (tmp_path / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
        (tmp_path / "error").write_text(error)
        script.write_text(
            f'#!/bin/sh\necho "$@" >"{tmp_path}/asked"\ncat "{tmp_path}/answer"\n'
            f'cat "{tmp_path}/error" >&2\nexit {status}\n'
        )
        script.chmod(0o755)
        monkeypatch.setattr("sys.executable", str(script))

    return replace


def test_holes_are_returned_by_folder(program: Program, tmp_path: Path) -> None:
    """As the commit log names symbols."""
    hole = {"exchange": "KRAKEN", "confirmed_at": "2026-01-30T18:00:00Z"}
    ids = [("BTC/USD", 11, 20), ("ETH/USD", 1, 1), ("BTC/USD", 31, 31)]
    program(
        [
            {**hole, "symbol": symbol, "first_trade_id": first, "last_trade_id": last}
            for symbol, first, last in ids
        ]
    )
    assert ask_holes() == {"BTC_USD": [(11, 20), (31, 31)], "ETH_USD": [(1, 1)]}
    assert (tmp_path / "asked").read_text() == "-m producer holes --json\n"


def test_the_topic_is_returned_with_its_offsets(program: Program) -> None:
    """JSON's keys are text, Kafka's partitions are numbers."""
    ids = {"cluster_id": "c1", "topic": "kraken.trades", "topic_id": "t1"}
    program({**ids, "earliest": {"0": 3}, "latest": {"0": 9}})
    topic = ask_source()
    assert topic.source.model_dump() == ids
    assert (topic.earliest, topic.latest) == ({0: 3}, {0: 9})


def test_candles_are_exact(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the real program, through JSON, digit by digit."""
    monkeypatch.chdir(tmp_path)
    with ReplayServer() as kraken:
        monkeypatch.setenv("KRAKEN_API_URL", kraken.url)
        answers = ask_candles(["BTC/USDT", "NO/SUCH"])
    candles = answers.candles
    assert len(candles) == 409
    assert (candles[1].start, candles[1].count) == (datetime(2025, 11, 10, 17, 24, tzinfo=UTC), 5)
    assert candles[1].volume == Decimal("0.00955370")
    assert answers.unanswered == ()
    (unknown,) = answers.unknown
    assert (unknown.symbol, unknown.reason[:43]) == (
        "NO/SUCH",
        "Kraken trades no pair named 'NO/SUCH'; writ",
    )


def test_what_went_wrong_there_is_one_sentence_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Behind what that program logged before; of one pair, it is that pair's."""
    monkeypatch.chdir(tmp_path)
    fault = Fault(
        kind=FaultKind.ERROR, endpoint="OHLC", message="EGeneral:Permission denied", times="always"
    )
    with ReplayServer(faults=[fault]) as kraken:
        monkeypatch.setenv("KRAKEN_API_URL", kraken.url)
        (unanswered,) = ask_candles(["BTC/USDT"]).unanswered
    everywhere = fault.model_copy(update={"endpoint": "AssetPairs"})
    with ReplayServer(faults=[everywhere]) as kraken:
        monkeypatch.setenv("KRAKEN_API_URL", kraken.url)
        with pytest.raises(ReferenceUnavailable) as silent:
            ask_candles(["BTC/USDT"])
    said = "Kraken answered OHLC for XBTUSDT with 'EGeneral:Permission denied'"
    assert unanswered.reason.startswith(said)
    (sentence,) = str(silent.value).splitlines()
    assert sentence.startswith("`kraken-lake candles` did not answer: Kraken answered Asset")


def test_what_is_known_of_missing_ids_is_returned_by_folder(program: Program) -> None:
    """Gaps with the time since when, dead letters by id; a row without one explains nothing."""
    gap = {"symbol": "BTC/USD", "first_trade_id": 11, "last_trade_id": 20, "asked": 2}
    program([{**gap, "exchange": "KRAKEN", "found_at": "2026-01-30T18:00:00Z"}])
    assert ask_open_gaps() == {"BTC_USD": [OpenGap((11, 20), AT)]}
    row = {"symbol": "BTC/USD", "exchange": "KRAKEN", "reason": "six fields", "row": "[]"}
    program([{**row, "trade_id": 7}, {**row, "trade_id": None}])
    assert ask_dead_letters() == {"BTC_USD": [(7, 7)]}


def test_parked_pairs_are_returned_with_reason_and_advice(program: Program) -> None:
    """Since when, too."""
    answer = {"reason": "Kraken refuses it", "advice": "wait", "parked_at": "2026-01-30T18:00:00Z"}
    program([{"symbol": "BTC/USD", "status": "parked", "exchange": "KRAKEN", **answer}])
    (pair,) = ask_parked()
    assert (pair.symbol, pair.reason, pair.advice, pair.parked_at) == (
        "BTC/USD",
        "Kraken refuses it",
        "wait",
        AT,
    )


def test_what_waits_for_a_transaction_is_reported_where_the_program_knows(program: Program) -> None:
    """An older one does not."""
    ids = {"cluster_id": "c1", "topic": "kraken.trades", "topic_id": "t1"}
    offsets = {"earliest": {"0": 3}, "latest": {"0": 9}}
    program({**ids, **offsets, "high_watermark": {"0": 108}})
    assert ask_source().held_back() == {0: (9, 108)}
    program({**ids, **offsets})
    assert ask_source().held_back() == {}


def test_values_are_handed_over_to_be_decoded(program: Program) -> None:
    """In hex, a line each; the answers come in their order."""
    program([{"symbol": "BTC/USD", "trade_id": 1}, None])
    assert ask_trade_ids([b"\x00\xff", b""]) == [("BTC/USD", 1), None]


@pytest.mark.parametrize("answer", ["", "none", "[{}]", '{"topic": "t"}'])
def test_an_answer_in_another_form_is_no_answer(program: Program, answer: str) -> None:
    """A program of another version is not made the best of."""
    program(answer)
    with pytest.raises(ReferenceUnavailable, match="of the same version"):
        ask_source()


def test_a_program_that_says_nothing_is_reported_as_that(program: Program) -> None:
    """Killed, for one."""
    program("", status=137)
    with pytest.raises(ReferenceUnavailable, match="did not answer: it does not say why"):
        ask_holes()
