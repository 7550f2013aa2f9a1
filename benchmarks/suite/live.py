"""Ten minutes of a live feed that breaks, repeats frames and goes into maintenance.

The producer follows the WebSocket of the stand-in for Kraken, whose faults are set while it runs.
Afterwards `lake verify` checks the lake, and latency is reported slice by slice.
"""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

from benchmarks.data.feeds import stand_in_addresses
from benchmarks.output.figures import Figure, Measurements
from benchmarks.run.candidates import OURS
from benchmarks.run.environment import Environment
from benchmarks.run.latency_stats import slices
from benchmarks.run.processes import ProgramFailed, Running
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.latency import Case, summed_up, watched

__all__ = ["measure"]

_RATE: Final = 1_000
_SLICE: Final = 20.0
_ANSWERED_WITHIN: Final = 30.0
_TROUBLES: Final[Sequence[Mapping[str, Any]]] = (
    {"kind": "duplicate-frame", "times": 20},
    {"kind": "close", "code": 1012},
    {"kind": "close", "code": 1006},
    {"kind": "maintenance", "seconds": 5},
    {"kind": "half-frame"},
    {"kind": "silence"},
    {"kind": "close", "code": 1001},
    {"kind": "duplicate-frame", "times": 20},
)
"""In this order, spread evenly: five breaks, a maintenance, and duplicate frames."""


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure it once, if these sizes include it."""
    if bench.sizes.live_seconds is None:
        return {}
    seconds = bench.sizes.live_seconds
    within = bench.sizes.with_latency_over(seconds)
    return in_rounds(bench, [Round("live", partial(_live, replace(bench, sizes=within)))], 1)


def _live(bench: Environment) -> Measurements:
    trouble = partial(_troubled, bench.sizes.latency_seconds)
    with watched(bench, Case(OURS, "websocket", _RATE), beside=trouble) as found:
        _prove(found.environment)
        figures = {f"live.all.{name}": value for name, value in summed_up(bench, found).items()}
    for second, (p50, p99) in slices(found.seen, found.window, _SLICE).items():
        figures |= {f"live.second_{second}.p50_s": p50, f"live.second_{second}.p99_s": p99}
    return figures


@contextmanager
def _troubled(
    seconds: float, feed: list[Running], _environment: Mapping[str, str]
) -> Iterator[None]:
    """Set one fault after another at the stand-in.

    Raises:
        ProgramFailed: Not all of it went wrong.
    """
    address = stand_in_addresses(feed[1])["KRAKEN_API_URL"] + "/_replay/faults"
    over = threading.Event()

    def make() -> None:
        for fault in _TROUBLES:
            if over.wait(seconds / (len(_TROUBLES) + 1)):
                return
            with urllib.request.urlopen(  # noqa: S310 - our own server
                address, json.dumps(fault).encode(), timeout=_ANSWERED_WITHIN
            ):
                pass

    making = threading.Thread(target=make)
    making.start()
    try:
        yield
        with urllib.request.urlopen(address, timeout=_ANSWERED_WITHIN) as answer:  # noqa: S310 - the same
            struck = [one["kind"] for one in json.load(answer) if one["fired"]]
        if len(struck) < len(_TROUBLES):
            raise ProgramFailed(f"of {len(_TROUBLES)} troubles the feed had only {struck}")
    finally:
        over.set()
        making.join()


def _prove(environment: Mapping[str, str]) -> None:
    """Run `lake verify` as a user does.

    Raises:
        ProgramFailed: It found anything amiss.
    """
    command = [sys.executable, "-m", "lake", "verify", "--against-kafka"]
    proof = subprocess.run(  # noqa: S603 - the bench's own command
        command,
        # A folder in which it does not find the user's `.env`.
        cwd=environment["BASE_OUTPUT_PATH"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if proof.returncode:
        raise ProgramFailed(f"lake verify: {proof.stdout}{proof.stderr}")
