"""One landing: a program lands a topic, and its progress is read from the files that it wrote.

*Warm* is the rate from the first part of the records to the last full batch, so that start and
compilation do not count; *cold* is the time from the start of the process until the first million
is visible.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.output.figures import Measurements
from benchmarks.rivals.job import Job
from benchmarks.run.candidates import Candidate
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed, Running, running
from benchmarks.run.timeline import Timeline

__all__ = ["Landing", "figures", "land", "leave_empty"]

_STARTED_WITHIN: Final = 180.0
_PATIENCE: Final = 900.0
_FIRST_MILLION: Final = 1_000_000


def leave_empty(_: Path) -> None:
    """Leave the folder empty before the program starts."""


@dataclass(frozen=True)
class Landing:
    """What to land, and which program lands it.

    Attributes:
        candidate: The program.
        topic: The topic that it lands.
        records: Number of records in the topic.
        batch: Maximum records at once, see `Job`.
        warm_after: Number of records that are its warm-up.
        prepare: Fills its work folder before it starts.
    """

    candidate: Candidate
    topic: str
    records: int
    batch: int | None
    warm_after: int
    prepare: Callable[[Path], None] = leave_empty


def land(bench: Environment, landing: Landing) -> Measurements:
    """Run it to its end.

    Raises:
        ProgramFailed: It did not land what there is.
    """
    candidate = landing.candidate
    work = bench.fresh_folder(f"land.{candidate.name}")
    landing.prepare(work)
    job = Job(
        servers=bench.stack.bootstrap_servers,
        registry=bench.stack.registry_url,
        topic=landing.topic,
        work=str(work),
        records=landing.records,
        batch=landing.batch,
    )
    environment = {**bench.environment(), **candidate.environment(job)}
    command = candidate.command(job, bench.cores)
    with running(candidate.name, command, work, environment) as program:
        first_look = _await_work(program, candidate, job)
        _await_all(program, candidate, job)
    landed = candidate.timeline(job)
    if landed.rows != landing.records:
        raise ProgramFailed(program.obituary(f"landed {landed.rows} of {landing.records} records"))
    measured = figures(program, landed, first_look, landing.warm_after)
    bench.log(f"  {measured.get('rows_per_s', 0.0):,.0f} rows/s")
    bench.fresh_folder(work.name)
    return measured


def figures(
    program: Running, landed: Timeline, first_look: float | None, warm_after: int
) -> Measurements:
    """Return the figures of one run."""
    measured = {
        "whole_rows_per_s": landed.rows / (landed.points[-1][0] - program.started),
        "cpu_s_per_million": program.cpu_seconds / landed.rows * 1e6,
        "memory_mb": program.peak_memory_bytes / 1e6,
    }
    rate = landed.rate(after=warm_after)
    if rate is not None:
        measured["rows_per_s"] = rate
    if first_look is not None:
        measured["start_s"] = first_look - program.started
    million = landed.reaching(_FIRST_MILLION)
    if million is not None:
        measured["first_million_s"] = million[0] - program.started
    if million is not None and first_look is not None:
        measured["first_million_without_start_s"] = million[0] - first_look
    return measured


def _await_work(program: Running, candidate: Candidate, job: Job) -> float | None:
    """Return when the program first polled for records; None if it ended before that was seen.

    Raises:
        ProgramFailed: It ended with an error, or never looked.
    """
    deadline = time.monotonic() + _STARTED_WITHIN
    while not program.has_ended():
        if candidate.signs_of_work(job):
            return time.time()
        if time.monotonic() > deadline:
            raise ProgramFailed(program.obituary(f"did not start in {_STARTED_WITHIN:.0f} s"))
        time.sleep(0.01)
    return None


def _await_all(program: Running, candidate: Candidate, job: Job) -> None:
    """Wait until all has landed and, if it ends by itself, until it has."""
    if not candidate.is_endless:
        program.wait(_PATIENCE)
        return
    deadline = time.monotonic() + _PATIENCE
    while not program.has_ended() and candidate.timeline(job).rows < (job.records or 0):
        if time.monotonic() > deadline:
            raise ProgramFailed(program.obituary(f"was not done in {_PATIENCE:.0f} s"))
        time.sleep(0.25)
