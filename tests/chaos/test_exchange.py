"""The faults known from public reports, in random order over eight pairs, with kills."""

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import ReplayServer
from infra.jars.installation import DEFAULT_FOLDER as JARS
from tests.chaos.ground_truth import ask, compare, ids_of, lake_rows, real_holes
from tests.chaos.market import (
    RELISTED,
    RELISTED_AS,
    Names,
    Trouble,
    market,
    names_of,
    troubles,
)
from tests.chaos.pipeline import Pipeline
from tests.chaos.plan import Feed
from tests.chaos.processes import LAND, REGISTER, run_to_end
from tests.chaos.recorders import Kill, Recorders, kills

GAP_CONFIRMATION_SECONDS: Final = 12.0
"""In place of a quarter of an hour; a confirmed hole is asked for again after four times that."""
SETTLED_WITHIN: Final = 240.0


@pytest.fixture(scope="session")
def minutes() -> float:
    """How long the exchange misbehaves, by CHAOS_MINUTES."""
    return float(os.environ.get("CHAOS_MINUTES", "1"))


@pytest.mark.timeout(7200)
def test_whatever_the_exchange_does_each_trade_that_it_showed_is_in_the_lake_once(
    tmp_path: Path, minutes: float, seed: str, report: Callable[[str], None]
) -> None:
    """By REST and WebSocket, with kills; in the end only real gaps are listed."""
    seconds = minutes * 60
    plan, deaths = troubles(seed, seconds), kills(seed, seconds)
    print(f"to repeat this: CHAOS_SEED={seed} CHAOS_MINUTES={minutes:g}")  # noqa: T201  on failure
    with ExitStack() as at_end:
        stack = at_end.enter_context(EmbeddedStack(tmp_path / "stack", JARS))
        run_to_end(REGISTER, stack.env(), tmp_path / "register.log")
        # Now, for the pairs trade from here on.
        tapes = market(seconds)
        names = names_of(tapes)
        kraken = at_end.enter_context(ReplayServer(tapes, keep_shown=True))
        pipeline = Pipeline(kraken, stack, _environment(kraken, stack, tmp_path), tmp_path)
        keys = [tape.pair.rest_name for tape in tapes]
        recorders = at_end.enter_context(Recorders(pipeline, (keys[:4], keys[4:])))
        _misbehave(kraken, recorders, plan, deaths, seconds)
        kraken.plan.clear()
        _settle(kraken, recorders, pipeline, names)
        recorders.end()
        pipeline.run((*LAND, "--once"))
        found = compare(kraken, lake_rows(pipeline.lake), names)
        holes = ids_of(_listed(pipeline, "holes"))
        problems = _verified(pipeline)
        shown = sum(len(kraken.shown.trades(key)) for key in keys)
        real = real_holes(kraken, names)
        report(
            f"exchange, seed {seed}: {minutes:g} min, {len(plan)} troubles, {len(deaths)} kills, "
            f"{shown:,} trades shown, {len(real)} real holes; {found}; "
            f"{len(recorders.ended)} ended by themselves, verify finds {len(problems)} problems"
        )
    assert found.none, str(found)
    assert holes == real
    assert recorders.ended == []
    assert problems == []


def _environment(kraken: ReplayServer, stack: EmbeddedStack, folder: Path) -> dict[str, str]:
    return {
        **stack.env(),
        "KRAKEN_API_URL": kraken.url,
        "KRAKEN_WEBSOCKET_URL": kraken.websocket_url,
        "KRAKEN_CALL_INTERVAL_SECONDS": "0.1",
        "POLL_INTERVAL_SECONDS": "0.3",
        "GAP_CONFIRMATION_SECONDS": f"{GAP_CONFIRMATION_SECONDS:g}",
        "START_FROM": "beginning",
        "BASE_OUTPUT_PATH": str(folder / "data"),
        # A broker that was killed takes minutes to be back on a machine that is busy with all this.
        "KAFKA_TIMEOUT_SECONDS": "300",
    }


def _misbehave(
    kraken: ReplayServer,
    recorders: Recorders,
    plan: Sequence[Trouble],
    deaths: Sequence[Kill],
    seconds: float,
) -> None:
    """Arm the faults and kill the programs, each at its time, until the last trade exists."""
    began = time.monotonic()
    events: list[tuple[float, Trouble | Kill]] = [(one.at, one) for one in (*plan, *deaths)]
    recorders.start_missing()
    for at, event in sorted(events, key=lambda one: one[0]):
        while (left := began + at - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            recorders.start_missing()
        print(event)  # noqa: T201  on failure
        if isinstance(event, Kill):
            recorders.kill(event.victim)
        else:
            kraken.plan.add(event.faults)
    while time.monotonic() < began + seconds + 2.0:
        time.sleep(0.5)
        recorders.start_missing()


def _settle(kraken: ReplayServer, recorders: Recorders, pipeline: Pipeline, names: Names) -> None:
    """Accept the new book, and run the producers until only ids that do not exist are missing."""
    recorders.restart_with(Feed.REST)
    while not any(one["symbol"] == "SYN5/USDT" for one in _listed(pipeline, "pairs")):
        time.sleep(5.0)
        recorders.start_missing()
    recorders.accept("right", RELISTED, RELISTED_AS)
    deadline = time.monotonic() + SETTLED_WITHIN
    while time.monotonic() < deadline:
        time.sleep(5.0)
        recorders.start_missing()
        holes = ids_of(_listed(pipeline, "holes"))
        if not _listed(pipeline, "gaps") and holes == real_holes(kraken, names):
            return


def _listed(pipeline: Pipeline, what: str) -> list[dict[str, Any]]:
    """What `python -m producer` lists of something; it has to end well."""
    status, printed, complaint = ask(pipeline.environment, "producer", what, "--json")
    assert status == 0, complaint
    return list(json.loads(printed))


def _verified(pipeline: Pipeline) -> list[str]:
    """What `lake verify` finds wrong, less the candles of minutes with unreadable trades."""
    command = ("lake", "verify", "--against-kraken", "--against-kafka", "--json")
    status, printed, complaint = ask(pipeline.environment, *command)
    print(printed, complaint)  # noqa: T201  on failure
    return [] if status == 0 else [f"{one}" for one in json.loads(printed)["problems"]]
