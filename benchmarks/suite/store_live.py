"""How late trades are in a lake in an object store, beside one on disk.

A trade is there once the commit that names it is, since that is what `lake.files()` and tables
show; readers who list a store see closed hours alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.output.figures import Measurements
from benchmarks.rivals.job import Job
from benchmarks.run.candidates import OURS
from benchmarks.run.environment import Environment
from benchmarks.run.latency_stats import Seen, latencies
from benchmarks.suite.latency import Case, watched
from benchmarks.suite.store_lakes import StoreLake
from lake.log.commit_log import CommitLog

__all__ = ["follow"]

_TRIGGER: Final = "1 second"
_RATE: Final = 1_000


def follow(bench: Environment, lake: StoreLake) -> Measurements:
    """Land the trades of eight pairs as they come by WebSocket, and return how late they were.

    Raises:
        ProgramFailed: A program ended by itself, or trades are missing.
    """
    jobs: list[Job] = []

    def live(job: Job) -> Path:
        jobs.append(job)
        return lake.base_on_disk(job) / (
            "KRAKEN" if lake.store is None else "_platform/KRAKEN/live"
        )

    stream = replace(
        lake.stream(),
        command=lambda job, cores: [*OURS.command(job, cores), "--trigger", _TRIGGER],
        live=live,
    )
    with watched(bench, Case(stream, "websocket", _RATE), lake.empty) as found:
        measured = latencies(_seen(lake.base_on_disk(jobs[0])), found.window)
    bench.log(f"  p50 {measured['p50_s']:.3f} s, p99 {measured['p99_s']:.3f} s")
    wanted = {name: measured[name] for name in ("p50_s", "p99_s")}
    return {
        f"store.{lake.where}.live.{name}": value
        for name, value in {**wanted, "cpu_cores": found.used["cpu_cores"]}.items()
    }


def _seen(base: Path) -> Seen:
    """Return all trades, each as of its commit."""
    parts = list(_by_file(base))
    return Seen(
        np.concatenate([executed for executed, _, _ in parts]),
        np.concatenate([np.full(len(ids), at) for _, at, ids in parts]),
        frozenset(one for _, _, ids in parts for one in ids),
    )


def _by_file(
    base: Path,
) -> Iterator[tuple[npt.NDArray[np.float64], float, list[tuple[str, int]]]]:
    commits = base / "_platform" / "KRAKEN" / "commits"
    for commit in CommitLog(commits).commits():
        at = (commits / f"{commit.number:020d}.json").stat().st_ctime
        for file in commit.files:
            columns = ["executed_at", "trade_id"]
            table = pq.read_table(base / file.path, columns=columns, partitioning=None)
            micros = table.column("executed_at").cast(pa.int64()).to_numpy()
            ids: list[int] = table.column("trade_id").to_numpy().tolist()
            yield micros / 1e6, at, [(file.symbol, one) for one in ids]
