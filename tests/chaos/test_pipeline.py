"""The whole pipeline, disturbed and killed repeatedly: nothing is lost or duplicated."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import (
    DEFAULT_RECORDING,
    ReplayServer,
    SyntheticTape,
    load_recording,
    synthetic_tapes,
)
from infra.jars.installation import DEFAULT_FOLDER as JARS
from tests.chaos.onlooker import CountingOnlooker
from tests.chaos.pipeline import Pipeline, Programs, go_through
from tests.chaos.plan import make_plan
from tests.chaos.processes import LAND, PRODUCE, REGISTER

PAIRS = 2
TRADES_PER_ROUND = 25_000
"""Of each pair: ten million in two hundred rounds."""

TRADES_PER_SECOND = 1_400
"""Of each pair: a round is some eighteen seconds long."""


@pytest.mark.timeout(14_400)
def test_disturbed_and_killed_over_and_over_it_loses_and_doubles_nothing(
    tmp_path: Path, rounds: int, seed: str, report: Callable[[str], None]
) -> None:
    """Real processes, SIGKILL at any moment, a reader looking on; in the end all is there once."""
    trades = TRADES_PER_ROUND * rounds
    recording = load_recording(DEFAULT_RECORDING)
    tapes = synthetic_tapes(recording, count=trades, pairs=PAIRS, rate=TRADES_PER_SECOND)
    plan = make_plan(seed, rounds)
    onlooker = CountingOnlooker(tmp_path / "data" / "KRAKEN")
    began = time.monotonic()
    print(f"to repeat this: CHAOS_SEED={seed} CHAOS_ROUNDS={rounds}")  # noqa: T201  on failure
    with ReplayServer(tapes) as kraken, EmbeddedStack(tmp_path / "stack", JARS) as stack:
        environment = {
            **stack.env(),
            "KRAKEN_API_URL": kraken.url,
            "KRAKEN_WEBSOCKET_URL": kraken.websocket_url,
            "KRAKEN_PAIR": ",".join(tape.pair.wsname for tape in tapes),
            "KRAKEN_CALL_INTERVAL_SECONDS": "0.1",
            "START_FROM": "beginning",
            "BASE_OUTPUT_PATH": str(tmp_path / "data"),
        }
        pipeline = Pipeline(kraken, stack, environment, tmp_path)
        pipeline.run(REGISTER)
        onlooker.start()
        with Programs(pipeline) as programs:
            for one in plan:
                print(one)  # noqa: T201  the same
                go_through(one, pipeline, programs)
        commits = len(list(pipeline.commits.glob("0*.json")))
        kraken.plan.clear()
        wait_for_all(tapes)
        pipeline.run((*PRODUCE, "--until-caught-up"))
        pipeline.run((*LAND, "--once"))
    onlooker.end()
    landed = duckdb.execute(
        "SELECT count(*), count(DISTINCT trade_id), sum(trade_id), "
        "count(*) FILTER (feed = 'WEBSOCKET') "
        "FROM read_parquet(?, hive_partitioning = true) GROUP BY symbol",
        [f"{tmp_path}/data/KRAKEN/**/*.parquet"],
    ).fetchall()
    rows, different, live = (sum(symbol[at] for symbol in landed) for at in (0, 1, 3))
    report(
        f"pipeline, seed {seed}: {rounds} rounds, {len(pipeline.killed)} kills, "
        f"{commits} commits before the last run, {rows:,} rows, {live:,} of them by WebSocket, "
        f"{PAIRS * trades - different} lost, {rows - different} doubled, "
        f"{onlooker.reads} reads of which {len(onlooker.amiss)} bad, "
        f"{(time.monotonic() - began) / 60:.0f} min"
    )
    assert (onlooker.amiss, onlooker.reads > 0) == ([], True)
    assert [symbol[:3] for symbol in landed] == [
        (trades, trades, trades * (trades + 1) // 2)
    ] * PAIRS
    assert live > 0  # the first producer follows it


def wait_for_all(tapes: Sequence[SyntheticTape]) -> None:
    """Until the last trade has happened."""
    while any(tape.visible(time.time_ns()) < tape.count for tape in tapes):
        time.sleep(1)
