"""From Kafka's records to files under staging: the decoding that stream and replay share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from lake.layout import PARTITION_COLUMNS
from schemas.wire import unframe
from spark_consumer import columns, transforms
from spark_consumer.schema_book import SchemaBook

__all__ = ["Staged", "Stager"]


@dataclass(frozen=True)
class Staged:
    """What was written under staging.

    Attributes:
        folder: where; trades are in `trades`, what is none in `quarantine`.
        trades: rows of the one.
        rejected: rows of the other.
    """

    folder: Path
    trades: int
    rejected: int


@dataclass(frozen=True)
class _Counts:
    rows: int
    trades: int
    unknown_ids: frozenset[int]


@dataclass(frozen=True)
class Stager:
    """Decodes records and stages them.

    Attributes:
        book: the schemas known so far.
        rules: what a trade must keep.
    """

    book: SchemaBook
    rules: columns.Rules

    def stage(self, kafka: DataFrame, empty_folder: Callable[[], Path]) -> Staged:
        """Stage records that have the columns of Spark's Kafka source.

        They are planned with the ids known so far and the others are counted on the way, so that
        no pass is spent on learning the ids: only records that bring a new one are run again.

        Args:
            kafka: the records; run through once, twice or three times.
            empty_folder: gives a place to stage in, and empties what it gave before.

        Raises:
            RegistryError: an id could not be looked up for longer than the patience.
        """
        records = kafka.transform(transforms.with_kafka_names)
        folder = empty_folder()
        counts = self._stage_trades(records, folder)
        if self.book.learn(counts.unknown_ids):
            folder = empty_folder()
            counts = self._stage_trades(records, folder)
        rejected = counts.rows - counts.trades
        if rejected:
            self._stage_quarantine(records, folder)
        return Staged(folder, counts.trades, rejected)

    def _stage_trades(self, records: DataFrame, folder: Path) -> _Counts:
        observation = Observation()
        unseen = columns.has_id_beyond(self.book.plan.writers)
        (
            self._judged(records)
            .observe(
                observation,
                F.count(F.lit(1)).alias("rows"),
                F.count_if("is_trade").alias("trades"),
                F.collect_set(F.when(unseen, columns.schema_header())).alias("unknown"),
            )
            .transform(transforms.filter_trades)
            .transform(transforms.select_trades)
            .write.partitionBy(*PARTITION_COLUMNS)
            .parquet(str(folder / "trades"))
        )
        seen = observation.get
        unknown_ids = frozenset(unframe(bytes(header))[0] for header in seen["unknown"])
        return _Counts(seen["rows"], seen["trades"], unknown_ids)

    def _stage_quarantine(self, records: DataFrame, folder: Path) -> None:
        (
            self._judged(records)
            .transform(transforms.filter_rejected)
            .transform(transforms.select_quarantine, self.book.plan, self.rules)
            .write.parquet(str(folder / "quarantine"))
        )

    def _judged(self, records: DataFrame) -> DataFrame:
        """Each record decoded by the plan of the moment, and whether it is a trade."""
        return records.transform(transforms.with_trade, self.book.plan).transform(
            transforms.with_verdict, self.rules
        )
