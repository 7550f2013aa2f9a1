from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from infra.fake_kraken.market.synthetic import Stretch
from infra.local.kraken import synthetic_kraken
from infra.local.tape_state import TapeState

SECOND = 10**9


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time now, in its one element."""
    now = [1_800_000_000 * SECOND]
    monkeypatch.setattr("infra.local.tape_state.time_ns", lambda: now[0])
    return now


def test_a_run_goes_on_behind_the_one_before(tmp_path: Path, clock: list[int]) -> None:
    """With the next trade, however long the pause was, and at a rate of its own."""
    file = tmp_path / "state" / "tape.json"
    first = TapeState(file)
    begun = clock[0]
    assert first.begin(rate=10.0) == (Stretch(0, begun, SECOND // 10),)
    clock[0] += 5 * SECOND
    first.end()
    clock[0] += 3600 * SECOND
    assert TapeState(file).begin(rate=100.0) == (
        Stretch(0, begun, SECOND // 10),
        Stretch(51, clock[0], SECOND // 100),
    )


def test_the_trades_of_a_run_that_was_killed_went_on(tmp_path: Path, clock: list[int]) -> None:
    """When it ended is unknown; no id is used twice."""
    file = tmp_path / "tape.json"
    TapeState(file).begin(rate=10.0)
    clock[0] += 5 * SECOND
    (_, stretch) = TapeState(file).begin(rate=10.0)
    assert stretch == Stretch(51, clock[0] + 1, SECOND // 10)


def test_two_runs_are_one_tape(tmp_path: Path) -> None:
    """The second answers with the trades of the first, and with others behind them."""
    seen: list[list[tuple[int, float]]] = []
    for _ in range(2):
        with synthetic_kraken(1000.0, tmp_path / "tape.json") as settings:
            while True:
                answer = httpx.get(
                    f"{settings['KRAKEN_API_URL']}/0/public/Trades",
                    params={"pair": "SYN1USDT", "since": "0"},
                )
                rows = answer.json()["result"]["SYN1USDT"]
                if len(rows) > 50 * (len(seen) + 1):
                    break
            seen.append([(row[6], row[2]) for row in rows])
    first, second = seen
    assert second[: len(first)] == first
    assert [trade_id for trade_id, _ in second] == list(range(1, len(second) + 1))
    assert all(before < after for (_, before), (_, after) in pairwise(second))
