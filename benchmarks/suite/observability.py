"""What metrics and the lake's pages cost the stream: on and off, by turns.

On means: producer and stream serve metrics, which are read every five seconds as Prometheus does
it, and the lake's pages run beside them with three of them open: all pairs, one pair, the pipeline.
"""

import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Final

import httpx

from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.candidates import OURS
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed, Running, running
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.latency import Case, summed_up, watched
from infra.embedded.ports import choose_each, is_free

__all__ = ["measure"]

_NAME: Final = "observability"
_RATE: Final = 1_000
_SCRAPE_EVERY: Final = 5.0
_ANSWERED_WITHIN: Final = 10.0
_LIVE_EVENTS: Final = ("/events/pairs", "/pair/SYN1_USDT/events", "/events/pipeline")
_COMPARED: Final = ("p50_s", "p99_s", "cpu_cores")


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Follow the same feed with all of it off and on.

    Raises:
        ProgramFailed: A stream, a feed or the pages ended, or trades are missing.
    """
    measured = in_rounds(
        bench,
        [Round(f"{_NAME}.off", partial(_off, bench)), Round(f"{_NAME}.on", partial(_on, bench))],
        bench.sizes.rounds,
    )
    if bench.only:
        return measured
    return measured | {
        f"{_NAME}.on_vs_off.{name}": ratios(
            measured[f"{_NAME}.on.{name}"], measured[f"{_NAME}.off.{name}"]
        )
        for name in _COMPARED
        if f"{_NAME}.on.{name}" in measured and f"{_NAME}.off.{name}" in measured
    }


def _off(bench: Environment) -> Measurements:
    with watched(bench, Case(OURS, "websocket", _RATE)) as found:
        return _named("off", summed_up(bench, found))


def _on(bench: Environment) -> Measurements:
    ports = choose_each(("producer", "stream", "pages"), {}, is_free, random.SystemRandom())
    producer, stream, pages = ports.values()
    candidate = replace(
        OURS,
        name="ours_observed",
        environment=lambda job: {**OURS.environment(job), "METRICS_PORT": str(stream)},
    )
    observed = replace(bench, more={"METRICS_PORT": str(producer)})
    looking = partial(_looking, bench, [producer, stream], pages)
    with watched(observed, Case(candidate, "websocket", _RATE), beside=looking) as found:
        return _named("on", summed_up(bench, found))


def _named(state: str, measured: Measurements) -> Measurements:
    return {f"{_NAME}.{state}.{name}": value for name, value in measured.items()}


@contextmanager
def _looking(
    bench: Environment,
    metrics: Sequence[int],
    port: int,
    _feed: list[Running],
    lake: Mapping[str, str],
) -> Iterator[None]:
    """Read the metrics and the pages while the block runs.

    Raises:
        ProgramFailed: Something of it could not be read.
    """
    environment = {**lake, "CONSOLE_PORT": str(port)}
    command = [sys.executable, "-m", "console"]
    over, read = threading.Event(), Counter[str]()
    with running("pages", command, bench.fresh_folder("pages"), environment):
        threads = [
            threading.Thread(target=_scrape, args=(address, over, read), daemon=True)
            for address in (f"http://127.0.0.1:{one}/metrics" for one in metrics)
        ] + [
            threading.Thread(target=_follow, args=(port, path, over, read), daemon=True)
            for path in _LIVE_EVENTS
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(_ANSWERED_WITHIN)
    unread = [name for name in (*_LIVE_EVENTS, "metrics") if not read[name]]
    if unread:
        raise ProgramFailed(f"nothing was read of {', '.join(unread)} while trades were landed")


def _scrape(address: str, over: threading.Event, read: Counter[str]) -> None:
    with httpx.Client(timeout=_ANSWERED_WITHIN) as client:
        while not over.wait(_SCRAPE_EVERY):
            with suppress(httpx.HTTPError):
                client.get(address).raise_for_status()
                read["metrics"] += 1


def _follow(port: int, path: str, over: threading.Event, read: Counter[str]) -> None:
    """Read a page's live events, and connect again after a fault, as a browser does."""
    with httpx.Client(timeout=_ANSWERED_WITHIN) as client:
        while not over.wait(1.0):
            with (
                suppress(httpx.HTTPError),
                client.stream("GET", f"http://127.0.0.1:{port}{path}") as events,
            ):
                for line in events.iter_lines():
                    read[path] += line.startswith("data:")
                    if over.is_set():
                        return
