"""The figures that decide, and what they must reach."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["TARGETS", "Target", "at_least", "at_most"]


@dataclass(frozen=True)
class Target:
    """What a median must reach.

    Attributes:
        sign: How it is written before the bound.
        bound: The least or the most.
        meaning: Of the figure, in words.
    """

    sign: str
    bound: float
    meaning: str

    def is_reached(self, median: float) -> bool:
        """Return whether a median is on the right side of the bound."""
        return _COMPARISONS[self.sign](median, self.bound)


_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "≥": operator.ge,
    "≤": operator.le,
}


def at_least(bound: float, meaning: str) -> Target:
    """Return a target that a larger figure reaches."""
    return Target("≥", bound, meaning)


def at_most(bound: float, meaning: str) -> Target:
    """Return a target that a smaller figure reaches."""
    return Target("≤", bound, meaning)


TARGETS: Final[Mapping[str, Target]] = {
    "produce.vs_documented": at_least(5, "times AvroSerializer with Producer as documented"),
    "produce.vs_raw": at_least(0.45, "of ready bytes through librdkafka"),
    "land.vs_read": at_least(0.8, "of Spark reading alone, warm"),
    "land.vs_deserializer_loop": at_least(10, "times a loop of AvroDeserializer and pyarrow"),
    "land.mixed_vs_single": at_least(0.9, "of the rate with one schema, three interleaved"),
    "land.vs_iceberg_sink": at_least(1.25, "times Kafka Connect with the Iceberg sink, warm"),
    "land.cpu_s_per_million": at_most(10, "CPU seconds a million rows, start included"),
    "land.vs_spark_file_sink": at_least(1.15, "times Spark's own file sink, warm"),
    "land.four_partitions_vs_one": at_least(1.3, "times the rate of one partition"),
    "land.cold_first_million_s": at_most(8, "s from the process's start to a million rows"),
    "latency.1000.cpu_cores": at_most(0.5, "cores at 1,000 trades/s"),
    "latency.1000.p50_s": at_most(0.35, "s from trade to visible file, half of the trades"),
    "latency.1000.p99_s": at_most(0.9, "s from trade to visible file, 99 of 100 trades"),
    "query.compacted_vs_sorted": at_most(1.15, "times the scan of one hand-sorted file"),
    "query.bytes_per_trade": at_most(14, "bytes a trade, compacted"),
    "query.bytes_vs_csv_gz": at_most(0.5, "of CSV.gz"),
    "store.vs_disk": at_least(0.8, "of the rate of landing on disk, warm"),
    "store.vs_iceberg_sink": at_least(2, "times the Iceberg sink into the same store, warm"),
    "tables.sync.vs_stream": at_most(0.1, "of the stream's processor time"),
    "tables.lag.p50_s": at_most(1, "s from a visible file to the table, half of the files"),
    "tables.vs_files": at_most(1.2, "times the scan of a listing, by the Delta table"),
    "tables.iceberg.sync.vs_stream": at_most(0.1, "of the stream's processor time"),
    "tables.iceberg.lag.p50_s": at_most(1, "s from a visible file to the Iceberg table, half"),
    "tables.iceberg.vs_files": at_most(1.2, "times the scan of a listing, by the Iceberg table"),
}
"""By the names in `results/latest.json`, which has all of them, null if not measured."""
