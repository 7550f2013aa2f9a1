"""From the exchange's timestamp to a file that any reader lists: p50, p99 and the longest.

A feed sends trades at a rate while a stream lands them. Afterwards each trade's time is taken from
the moment at which its file was renamed into place; nothing watches while the stream runs. The
first seconds, in which the JVM warms up, do not count.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.data.feeds import FEEDS, make_topic
from benchmarks.data.topics import committed_records
from benchmarks.output.figures import Figure, Measurements
from benchmarks.rivals.job import Job
from benchmarks.run.candidates import OURS, SPARK_FILE_SINK, Candidate
from benchmarks.run.environment import Environment
from benchmarks.run.latency_stats import Seen, latencies, seen_in
from benchmarks.run.processes import ProgramFailed, Running, running
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.run.sizes import Sizes
from benchmarks.run.timeline import of_files, parquet_files
from benchmarks.suite.landing import leave_empty

__all__ = ["Beside", "Case", "Watched", "measure", "summed_up", "watch", "watched"]

_KEY_FEED: Final = "websocket"
_KEY_RATE: Final = 1_000
_FIRST_FILE_WITHIN: Final = 120.0
_DRAINED_WITHIN: Final = 120.0


@dataclass(frozen=True)
class Case:
    """One stream behind one feed.

    Attributes:
        candidate: Who lands.
        feed: Name of the feed.
        rate: Trades a second, of all pairs together.
        pairs: How many.
    """

    candidate: Candidate
    feed: str
    rate: int
    pairs: int = 8

    @property
    def key(self) -> str:
        """What its figures' names begin with."""
        return f"latency.{self.candidate.name}.{self.feed}.{self.rate}"


@dataclass(frozen=True)
class Watched:
    """The outcome of a measurement.

    Attributes:
        seen: All trades that became visible.
        window: Start and end of the time in which trades count, unix seconds.
        used: What the programs used in that time.
        environment: The stream's environment variables, to examine its lake.
    """

    seen: Seen
    window: tuple[float, float]
    used: Measurements
    environment: Mapping[str, str]


Beside = Callable[[list[Running], Mapping[str, str]], AbstractContextManager[object]]
_DECIDES: Final = Case(OURS, _KEY_FEED, _KEY_RATE)


def cases(sizes: Sizes) -> Sequence[Case]:
    """Ours by our producer's feeds at each rate; at the one that decides also its rival.

    The rival is sent trades directly, and so ours is once more, to compare.
    """
    if not sizes.is_thorough:
        return [Case(OURS, _KEY_FEED, rate) for rate in sizes.latency_rates]
    ours = [Case(OURS, feed, rate) for feed in (_KEY_FEED, "rest") for rate in sizes.latency_rates]
    return [*ours, *(Case(who, "direct", _KEY_RATE) for who in (OURS, SPARK_FILE_SINK))]


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure all cases.

    Raises:
        ProgramFailed: A stream or a feed ended, or trades are missing.
    """
    entries = [Round(case.key, partial(_watch, bench, case)) for case in cases(bench.sizes)]
    measured = in_rounds(bench, entries, 1)
    decides = f"latency.ours.{_KEY_FEED}."
    return measured | {
        name.replace(decides, "latency."): figure
        for name, figure in measured.items()
        if name.startswith(decides)
    }


def _watch(bench: Environment, case: Case) -> Measurements:
    if case == _DECIDES:
        held = bench.sizes.with_latency_over(bench.sizes.latency_held_seconds)
        bench = replace(bench, sizes=held)
    measured = watch(bench, case)
    return {f"{case.key}.{name}": value for name, value in measured.items()}


def watch(
    bench: Environment, case: Case, prepare: Callable[[Path], None] = leave_empty
) -> Measurements:
    """Land trades as they come, and return how late they were.

    Args:
        bench: The environment.
        case: The stream and its feed.
        prepare: Fills the stream's folder before it starts.

    Raises:
        ProgramFailed: A program ended by itself, or trades are missing.
    """
    with watched(bench, case, prepare) as found:
        return summed_up(bench, found)


def summed_up(bench: Environment, found: Watched) -> Measurements:
    """Return how late trades were, and what the programs used.

    Raises:
        ProgramFailed: Trades are missing, or none counts.
    """
    measured = latencies(found.seen, found.window)
    if not measured:
        raise ProgramFailed("no trade became visible that counts")
    bench.log(f"  p50 {measured['p50_s']:.3f} s, p99 {measured['p99_s']:.3f} s")
    return measured | found.used


@contextmanager
def watched(
    bench: Environment,
    case: Case,
    prepare: Callable[[Path], None] = leave_empty,
    beside: Beside = lambda *_: nullcontext(),
) -> Iterator[Watched]:
    """Land trades as they come. The files stay as long as the block runs.

    Args:
        bench: The environment.
        case: The stream and its feed.
        prepare: Fills the stream's folder before it starts.
        beside: A context manager that goes on beside it, such as one that disturbs the feed. It
            gets the feed's programs and the stream's environment variables.

    Raises:
        ProgramFailed: A program ended by itself, or trades are missing.
    """
    topic = f"bench-live-{uuid.uuid4().hex[:8]}"
    make_topic(bench, topic)
    work = bench.fresh_folder(case.key)
    prepare(work)
    job = Job(bench.stack.bootstrap_servers, bench.stack.registry_url, topic, str(work))
    environment = {**bench.environment(), **case.candidate.environment(job)}
    command = case.candidate.command(job, bench.cores)
    live = case.candidate.live(job)
    with running(case.candidate.name, command, work, environment) as stream:
        _await_look(stream, case.candidate, job)
        with (
            FEEDS[case.feed](bench, topic, case.rate, case.pairs) as feed,
            beside(feed, environment),
        ):
            used, window = _measure_window(bench, stream, feed, live)
        _await_rows(stream, live, committed_records(job.servers, topic))
    yield Watched(seen_in(live), window, used, environment)
    bench.fresh_folder(case.key)


def _await_look(stream: Running, candidate: Candidate, job: Job) -> None:
    """Wait until the stream polls for records, so that its start does not count as latency."""
    deadline = time.monotonic() + _FIRST_FILE_WITHIN
    while not candidate.signs_of_work(job):
        if stream.has_ended() or time.monotonic() > deadline:
            raise ProgramFailed(stream.obituary("did not start"))
        time.sleep(0.05)


def _measure_window(
    bench: Environment, stream: Running, feed: list[Running], live: Path
) -> tuple[Measurements, tuple[float, float]]:
    """Let the stream warm up; then return what the programs use, and the measured time."""
    deadline = time.monotonic() + _FIRST_FILE_WITHIN
    while not parquet_files(live) and time.monotonic() < deadline:
        _pass(0.1, [stream, *feed])
    _pass(bench.sizes.latency_warm_up, [stream, *feed])
    programs = {"cpu_cores": stream, "feed_cpu_cores": feed[0]}
    before = {name: program.cpu_seconds for name, program in programs.items()}
    began = time.time()
    _pass(bench.sizes.latency_seconds - bench.sizes.latency_warm_up, [stream, *feed])
    ended = time.time()
    measured = {
        name: (program.cpu_seconds - before[name]) / (ended - began)
        for name, program in programs.items()
    }
    return measured | {"memory_mb": stream.peak_memory_bytes / 1e6}, (began, ended)


def _pass(seconds: float, programs: Sequence[Running]) -> None:
    """Wait, and fail if a program ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for program in programs:
            if program.has_ended():
                raise ProgramFailed(program.obituary("ended by itself"))
        time.sleep(0.1)


def _await_rows(stream: Running, folder: Path, rows: int) -> None:
    """Wait until all that was sent is visible; the feed has ended."""
    deadline = time.monotonic() + _DRAINED_WITHIN
    while (landed := of_files(folder).rows) < rows:
        if time.monotonic() > deadline or stream.has_ended():
            raise ProgramFailed(stream.obituary(f"landed {landed} of {rows} trades sent"))
        time.sleep(0.5)
