"""Kafka to partitioned Parquet: rows a second, processor time, memory, and the first million.

Each contestant lands the same topic from its first record into an empty folder. *Warm* is the rate
from the first million to the last full batch, so that start and compilation do not count; *cold* is
the time from the start of the process until the first million is visible.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from benchmarks.contestants import (
    DESERIALIZER_LOOP,
    FASTAVRO_LOOP,
    ICEBERG_PARTITIONED,
    ICEBERG_SINK,
    OURS,
    QUIXSTREAMS,
    SPARK_FILE_SINK,
    SPARK_PYTHON_UDF,
    SPARK_READ,
    Contestant,
)
from benchmarks.figures import Figure, Measurements, ratios
from benchmarks.processes import ProgramFailed, Running, running
from benchmarks.rig import Rig
from benchmarks.rivals.job import Job
from benchmarks.rounds import Round, in_rounds
from benchmarks.sizes import Sizes
from benchmarks.timeline import Timeline
from benchmarks.topics import Filling

__all__ = ["Case", "measure"]

_PATIENCE: Final = 900.0
_FIRST_MILLION: Final = 1_000_000
_TRADES_A_SECOND: Final = 6_000_000 / 86_400
"""Of event time: six million fill a day, and a batch of a million has four hours of eight pairs."""
_WARM_AFTER: Final = 6
"""The first sixth is the cold part: the first of six batches."""


@dataclass(frozen=True)
class Case:
    """One contestant with one topic.

    Attributes:
        contestant: who lands.
        name: of the kind of topic: one, four (partitions) or mixed (schemas).
        filling: the topic.
        batch: the most records at once, see `Job`.
    """

    contestant: Contestant
    name: str
    filling: Filling
    batch: int | None

    @property
    def key(self) -> str:
        """What its figures' names begin with."""
        return f"land.{self.contestant.name}.{self.name}"


def cases(sizes: Sizes) -> Sequence[Case]:
    """Who is measured with what, in the order of a round."""
    one, udf, loop = map(
        _filling, (sizes.land_records, sizes.land_udf_records, sizes.land_loop_records)
    )
    four, mixed = replace(one, partitions=4), replace(one, mixed=True)
    batch = sizes.land_batch
    rivals = (SPARK_READ, SPARK_FILE_SINK, ICEBERG_SINK)
    return [
        *(Case(who, "one", one, batch) for who in (OURS, *rivals, ICEBERG_PARTITIONED)),
        *(Case(who, "four", four, batch) for who in (OURS, *rivals)),
        Case(OURS, "mixed", mixed, batch),
        Case(SPARK_PYTHON_UDF, "one", udf, udf.records // _WARM_AFTER),
        *(Case(who, "one", loop, None) for who in (DESERIALIZER_LOOP, FASTAVRO_LOOP, QUIXSTREAMS)),
    ]


def _filling(records: int) -> Filling:
    return Filling(records, seconds=records / _TRADES_A_SECOND)


def measure(rig: Rig) -> Mapping[str, Figure]:
    """Measure all cases in rounds, and set ours against the others.

    Raises:
        ProgramFailed: one of them did not land what there is.
    """
    chosen = cases(rig.sizes)
    topics = {filling: rig.topic(filling) for filling in {case.filling for case in chosen}}
    entries = [Round(case.key, partial(_land, rig, case, topics)) for case in chosen]
    measured = in_rounds(rig, entries, rig.sizes.rounds)
    return measured | compared(measured)


def _land(rig: Rig, case: Case, topics: Mapping[Filling, str]) -> Measurements:
    contestant, records = case.contestant, case.filling.records
    work = rig.fresh_folder(case.key)
    job = Job(
        servers=rig.stack.bootstrap_servers,
        registry=rig.stack.registry_url,
        topic=topics[case.filling],
        work=str(work),
        records=records,
        batch=case.batch,
    )
    environment = {**rig.environment(), **contestant.environment(job)}
    command = contestant.command(job, rig.cores)
    with running(contestant.name, command, work, environment) as program:
        first_look = _await_work(program, contestant, job)
        _await_all(program, contestant, job)
    landed = contestant.timeline(job)
    if landed.rows != records:
        raise ProgramFailed(program.obituary(f"landed {landed.rows} of {records} records"))
    told = figures(
        program, landed, first_look, warm_after=records // _WARM_AFTER if contestant.warms_up else 0
    )
    rig.told(f"  {told.get('rows_per_s', 0.0):,.0f} rows/s")
    rig.fresh_folder(case.key)
    return {f"{case.key}.{name}": value for name, value in told.items()}


def _await_work(program: Running, contestant: Contestant, job: Job) -> float | None:
    """When it first looked for records; None if it ended before that was seen."""
    while not program.has_ended():
        if contestant.signs_of_work(job):
            return time.time()
        time.sleep(0.01)
    return None


def _await_all(program: Running, contestant: Contestant, job: Job) -> None:
    """Wait until all has landed, and the program has ended or is ended."""
    if not contestant.is_endless:
        program.wait(_PATIENCE)
        return
    deadline = time.monotonic() + _PATIENCE
    while not program.has_ended() and contestant.timeline(job).rows < (job.records or 0):
        if time.monotonic() > deadline:
            raise ProgramFailed(program.obituary(f"was not done in {_PATIENCE:.0f} s"))
        time.sleep(0.25)


def figures(
    program: Running, landed: Timeline, first_look: float | None, warm_after: int
) -> Measurements:
    """What one run tells."""
    told = {
        "whole_rows_per_s": landed.rows / (landed.points[-1][0] - program.started),
        "cpu_s_per_million": program.cpu_seconds / landed.rows * 1e6,
        "memory_mb": program.peak_memory_bytes / 1e6,
    }
    rate = landed.rate(after=warm_after)
    if rate is not None:
        told["rows_per_s"] = rate
    if first_look is not None:
        told["start_s"] = first_look - program.started
    million = landed.reaching(_FIRST_MILLION)
    if million is not None:
        told["first_million_s"] = million[0] - program.started
    if million is not None and first_look is not None:
        told["first_million_without_start_s"] = million[0] - first_look
    return told


def compared(measured: Mapping[str, Figure]) -> dict[str, Figure]:
    """Ours against the others, round by round."""
    ours = "land.ours.one.rows_per_s"
    wanted = {
        "land.vs_read": (ours, "land.spark_read.one.rows_per_s"),
        "land.vs_deserializer_loop": (ours, "land.deserializer_loop.one.rows_per_s"),
        "land.vs_iceberg_sink": (ours, "land.iceberg_sink.one.rows_per_s"),
        "land.vs_spark_file_sink": (ours, "land.spark_file_sink.one.rows_per_s"),
        "land.mixed_vs_single": ("land.ours.mixed.rows_per_s", ours),
        "land.four_partitions_vs_one": ("land.ours.four.rows_per_s", ours),
    }
    found = {
        name: ratios(measured[above], measured[below])
        for name, (above, below) in wanted.items()
        if above in measured and below in measured
    }
    same = {
        "land.cpu_s_per_million": "land.ours.one.cpu_s_per_million",
        "land.cold_first_million_s": "land.ours.one.first_million_s",
    }
    return found | {name: measured[key] for name, key in same.items() if key in measured}
