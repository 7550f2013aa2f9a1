"""From the exchange's timestamp to a file that any reader lists: p50, p99 and the longest.

A feed sends trades at a rate while a stream lands them. Afterwards each trade's time is taken from
the moment at which its file was renamed into place; nothing watches while the stream runs. The
first seconds, in which the JVM warms up, do not count.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contestants import OURS, SPARK_FILE_SINK, Contestant
from benchmarks.feeds import FEEDS, make_topic
from benchmarks.figures import Figure, Measurements
from benchmarks.processes import ProgramFailed, Running, running
from benchmarks.rig import Rig
from benchmarks.rivals.job import Job
from benchmarks.rounds import Round, in_rounds
from benchmarks.sizes import Sizes
from benchmarks.timeline import of_files, parquet_files
from benchmarks.topics import committed_records

__all__ = ["Case", "Seen", "latencies", "measure", "seen_in", "watch"]

_KEY_FEED: Final = "websocket"
_KEY_RATE: Final = 1_000
_FIRST_FILE_WITHIN: Final = 120.0
_DRAINED_WITHIN: Final = 120.0


@dataclass(frozen=True)
class Case:
    """One stream behind one feed.

    Attributes:
        contestant: who lands.
        feed: name of the feed.
        rate: trades a second.
    """

    contestant: Contestant
    feed: str
    rate: int

    @property
    def key(self) -> str:
        """What its figures' names begin with."""
        return f"latency.{self.contestant.name}.{self.feed}.{self.rate}"


@dataclass(frozen=True)
class Seen:
    """The trades of all files.

    Attributes:
        executed_at: unix seconds.
        visible_at: unix seconds.
        identity: of each trade, by symbol and id.
    """

    executed_at: npt.NDArray[np.float64]
    visible_at: npt.NDArray[np.float64]
    identity: frozenset[tuple[str, int]]

    def __len__(self) -> int:
        return len(self.executed_at)


def cases(sizes: Sizes) -> Sequence[Case]:
    """Ours by our producer's feeds at each rate; at the one that decides also its rival.

    The rival is sent trades directly, and so ours is once more, to compare.
    """
    feeds = [_KEY_FEED, "rest"] if sizes.is_thorough else [_KEY_FEED]
    ours = [Case(OURS, feed, rate) for feed in feeds for rate in sizes.latency_rates]
    return [*ours, *(Case(who, "direct", _KEY_RATE) for who in (OURS, SPARK_FILE_SINK))]


def measure(rig: Rig) -> Mapping[str, Figure]:
    """Measure all cases.

    Raises:
        ProgramFailed: a stream or a feed ended, or trades are missing.
    """
    entries = [Round(case.key, partial(_watch, rig, case)) for case in cases(rig.sizes)]
    measured = in_rounds(rig, entries, 1)
    decides = f"latency.ours.{_KEY_FEED}."
    return measured | {
        name.replace(decides, "latency."): figure
        for name, figure in measured.items()
        if name.startswith(decides)
    }


def _watch(rig: Rig, case: Case) -> Measurements:
    told = watch(rig, case)
    return {f"{case.key}.{name}": value for name, value in told.items()}


def watch(rig: Rig, case: Case, prepare: Callable[[Path], None] | None = None) -> Measurements:
    """Land trades as they come, and tell how late they were.

    Args:
        rig: where.
        case: who, and what comes how fast.
        prepare: puts into the stream's folder what is to be there before it starts.

    Raises:
        ProgramFailed: a program ended by itself, or trades are missing.
    """
    topic = f"bench-live-{uuid.uuid4().hex[:8]}"
    make_topic(rig, topic)
    work = rig.fresh_folder(case.key)
    if prepare is not None:
        prepare(work)
    job = Job(rig.stack.bootstrap_servers, rig.stack.registry_url, topic, str(work))
    environment = {**rig.environment(), **case.contestant.environment(job)}
    command = case.contestant.command(job, rig.cores)
    live = case.contestant.live(job)
    with running(case.contestant.name, command, work, environment) as stream:
        _await_look(stream, case.contestant, job)
        with FEEDS[case.feed](rig, topic, case.rate) as feed:
            told, window = _measure_window(rig, stream, feed, live)
        _await_rows(stream, live, committed_records(job.servers, topic))
    measured = latencies(seen_in(live), window)
    if not measured:
        raise ProgramFailed(stream.obituary("made no trade visible that counts"))
    rig.told(f"  p50 {measured['p50_s']:.3f} s, p99 {measured['p99_s']:.3f} s")
    rig.fresh_folder(case.key)
    return measured | told


def _await_look(stream: Running, contestant: Contestant, job: Job) -> None:
    """Wait until the stream looks for records: before, there is nothing to be late for."""
    deadline = time.monotonic() + _FIRST_FILE_WITHIN
    while not contestant.signs_of_work(job):
        if stream.has_ended() or time.monotonic() > deadline:
            raise ProgramFailed(stream.obituary("did not start"))
        time.sleep(0.05)


def _measure_window(
    rig: Rig, stream: Running, feed: list[Running], live: Path
) -> tuple[Measurements, tuple[float, float]]:
    """Let it run warm, then note what it uses; from when to when trades count."""
    deadline = time.monotonic() + _FIRST_FILE_WITHIN
    while not parquet_files(live) and time.monotonic() < deadline:
        _pass(0.1, [stream, *feed])
    _pass(rig.sizes.latency_warm_up, [stream, *feed])
    programs = {"cpu_cores": stream, "feed_cpu_cores": feed[0]}
    before = {name: program.cpu_seconds for name, program in programs.items()}
    began = time.time()
    _pass(rig.sizes.latency_seconds - rig.sizes.latency_warm_up, [stream, *feed])
    ended = time.time()
    told = {
        name: (program.cpu_seconds - before[name]) / (ended - began)
        for name, program in programs.items()
    }
    return told | {"memory_mb": stream.peak_memory_bytes / 1e6}, (began, ended)


def _pass(seconds: float, programs: Sequence[Running]) -> None:
    """Let time pass while all programs run."""
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


def seen_in(folder: Path) -> Seen:
    """The trades of all files that a reader would list."""
    executed, visible, identity = [], [], []
    for path in parquet_files(folder):
        table = pq.read_table(path, columns=["executed_at", "trade_id"], partitioning=None)
        # Spark's own sink writes nanoseconds without a zone (INT96).
        moments = table.column("executed_at").cast(pa.timestamp("us", tz="UTC"))
        micros = moments.cast(pa.int64()).to_numpy()
        executed.append(micros / 1e6)
        visible.append(np.full(len(micros), path.stat().st_ctime))
        symbol = path.parent.name
        ids: list[int] = table.column("trade_id").to_numpy().tolist()
        identity += [(symbol, trade_id) for trade_id in ids]
    if not executed:
        return Seen(np.empty(0), np.empty(0), frozenset())
    return Seen(np.concatenate(executed), np.concatenate(visible), frozenset(identity))


def latencies(seen: Seen, window: tuple[float, float]) -> dict[str, float]:
    """Of the trades that happened within the window; nothing of none.

    Raises:
        ProgramFailed: a trade is there twice, or a pair's ids have a gap.
    """
    if len(seen.identity) != len(seen):
        raise ProgramFailed(f"{len(seen) - len(seen.identity)} trades are there twice")
    ids: dict[str, list[int]] = {}
    for symbol, trade_id in seen.identity:
        ids.setdefault(symbol, []).append(trade_id)
    missing = sum(max(one) - min(one) + 1 - len(one) for one in ids.values())
    if missing:
        raise ProgramFailed(f"{missing} trades never became visible")
    inside = (seen.executed_at >= window[0]) & (seen.executed_at < window[1])
    waited = (seen.visible_at - seen.executed_at)[inside]
    if not len(waited):
        return {}
    p50, p99 = np.quantile(waited, [0.5, 0.99])
    halves = np.array_split(waited[np.argsort(seen.executed_at[inside])], 2)
    return {
        "p50_s": float(p50),
        "p99_s": float(p99),
        "max_s": float(waited.max()),
        "trades_per_s": len(waited) / (window[1] - window[0]),
        # Above 1 it falls behind.
        "second_half_vs_first": float(np.median(halves[1]) / np.median(halves[0])),
    }
