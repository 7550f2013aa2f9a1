"""How late trades are in a lake in an object store, beside one on disk.

A trade is there once the commit that names it is, since that is what `lake.files()` and tables
show; readers who list a store see closed hours alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.output.figures import Measurements
from benchmarks.run.candidates import OURS
from benchmarks.run.environment import Environment
from benchmarks.run.latency_stats import latencies, seen_of
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
    folder = "KRAKEN" if lake.store is None else "_platform/KRAKEN/live"
    stream = replace(
        lake.stream(),
        command=lambda job, cores: [*OURS.command(job, cores), "--trigger", _TRIGGER],
        live=lambda job: lake.base_on_disk(job.output) / folder,
    )
    with watched(bench, Case(stream, "websocket", _RATE), lake.empty) as found:
        base = lake.base_on_disk(Path(found.environment["BASE_OUTPUT_PATH"]))
        measured = latencies(seen_of(_by_commit(base)), found.window)
    bench.log(f"  p50 {measured['p50_s']:.3f} s, p99 {measured['p99_s']:.3f} s")
    wanted = {name: measured[name] for name in ("p50_s", "p99_s")}
    return {
        f"store.{lake.where}.live.{name}": value
        for name, value in {**wanted, "cpu_cores": found.used["cpu_cores"]}.items()
    }


def _by_commit(base: Path) -> Iterator[tuple[Path, str, float]]:
    """Yield each file with its pair, and when its commit was there."""
    commits = base / "_platform" / "KRAKEN" / "commits"
    for commit in CommitLog(commits).commits():
        at = (commits / f"{commit.number:020d}.json").stat().st_ctime
        for file in commit.files:
            yield base / file.path, file.symbol, at
