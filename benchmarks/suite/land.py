"""Kafka to partitioned Parquet: rows a second, processor time, memory, and the first million.

Each candidate lands the same topic, from its first record, into an empty folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from benchmarks.data.topics import Filling
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.candidates import (
    DESERIALIZER_LOOP,
    FASTAVRO_LOOP,
    ICEBERG_PARTITIONED,
    ICEBERG_SINK,
    OURS,
    QUIXSTREAMS,
    SPARK_FILE_SINK,
    SPARK_PYTHON_UDF,
    SPARK_READ,
    SPARK_READ_LARGE_POLLS,
    Candidate,
)
from benchmarks.run.environment import Environment
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.run.sizes import Sizes
from benchmarks.suite.landing import Landing, land

__all__ = ["Case", "cases", "compared", "filling_of", "measure"]

_TRADES_A_SECOND: Final = 6_000_000 / 86_400
"""Of event time: six million fill a day, and a batch of a million has four hours of eight pairs."""
_WARM_AFTER: Final = 6
"""The first sixth is the cold part: the first of six batches."""


@dataclass(frozen=True)
class Case:
    """One candidate with one topic.

    Attributes:
        candidate: The program that lands.
        name: The kind of topic: one, four (partitions) or mixed (schemas).
        filling: The topic.
        batch: Maximum records at once, see `Job`.
    """

    candidate: Candidate
    name: str
    filling: Filling
    batch: int | None

    @property
    def key(self) -> str:
        """The prefix of its figures' names."""
        return f"land.{self.candidate.name}.{self.name}"


def cases(sizes: Sizes) -> Sequence[Case]:
    """Return the candidates and their topics, in the order of a round."""
    one, udf, loop = map(
        filling_of, (sizes.land_records, sizes.land_udf_records, sizes.land_loop_records)
    )
    four, mixed = replace(one, partitions=4), replace(one, mixed=True)
    batch = sizes.land_batch
    limits = (SPARK_READ,)
    rivals = (SPARK_FILE_SINK, ICEBERG_SINK)
    more = (SPARK_READ_LARGE_POLLS, ICEBERG_PARTITIONED) if sizes.is_thorough else ()
    return [
        *(Case(who, "one", one, batch) for who in (OURS, *limits, *rivals, *more)),
        *(
            Case(who, "four", four, batch)
            for who in (OURS, *(limits + rivals if sizes.is_thorough else ()))
        ),
        Case(OURS, "mixed", mixed, batch),
        Case(SPARK_PYTHON_UDF, "one", udf, udf.records // _WARM_AFTER),
        *(Case(who, "one", loop, None) for who in (DESERIALIZER_LOOP, FASTAVRO_LOOP, QUIXSTREAMS)),
    ]


def filling_of(records: int) -> Filling:
    """Return a topic with the market's usual rate of trades, whatever its size."""
    return Filling(records, seconds=records / _TRADES_A_SECOND)


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure all cases in rounds, and set ours against the others.

    Raises:
        ProgramFailed: One of them did not land what there is.
    """
    chosen = [case for case in cases(bench.sizes) if bench.only in case.key]
    topics = {filling: bench.topic(filling) for filling in {case.filling for case in chosen}}
    entries = [Round(case.key, partial(_land, bench, case, topics)) for case in chosen]
    measured = in_rounds(bench, entries, bench.sizes.rounds)
    return measured | compared(measured)


def _land(bench: Environment, case: Case, topics: Mapping[Filling, str]) -> Measurements:
    records = case.filling.records
    warm_after = records // _WARM_AFTER if case.candidate.warms_up else 0
    measured = land(
        bench, Landing(case.candidate, topics[case.filling], records, case.batch, warm_after)
    )
    return {f"{case.key}.{name}": value for name, value in measured.items()}


def compared(measured: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return our figures divided by the others', round by round."""
    ours = "land.ours.one.rows_per_s"
    wanted = {
        "land.vs_read": (ours, "land.spark_read.one.rows_per_s"),
        "land.vs_read_large_polls": (ours, "land.spark_read_large_polls.one.rows_per_s"),
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
