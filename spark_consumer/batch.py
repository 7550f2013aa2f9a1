"""One micro-batch: from Kafka's records to a commit in the lake."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812 - the name every Spark user knows it by

from lake.batch import Batch
from lake.commit import Commit, OffsetRange, Source
from lake.layout import PARTITION_COLUMNS
from lake.writer import LakeWriter
from schemas.wire import unframe
from spark_consumer import columns, transforms
from spark_consumer.schema_book import SchemaBook

__all__ = ["BatchLander"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Counts:
    """What one pass over a batch saw."""

    rows: int
    trades: int
    unknown_ids: frozenset[int]

    @property
    def rejected(self) -> int:
        return self.rows - self.trades


@dataclass
class BatchLander:
    """Lands micro-batches one after another.

    Attributes:
        writer: the lake.
        book: the schemas known so far.
        rules: what a trade must keep.
        source: the topic that the batches come from.
        position: the offset that the next batch starts at, per partition.
    """

    writer: LakeWriter
    book: SchemaBook
    rules: columns.Rules
    source: Source
    position: Mapping[int, int]

    def land(self, kafka: DataFrame, batch_id: int, end_offsets: Mapping[int, int]) -> Commit:
        """Decode a batch, stage it and commit it.

        The batch is planned with the ids known so far and the others are counted on the way, so
        that no pass is spent on learning the ids: only a batch that brings a new one is run
        again.

        Raises:
            RegistryError: an id could not be looked up for longer than the patience.
            LakeError: the lake could not be written.
        """
        records = kafka.transform(transforms.with_kafka_names)
        folder = self.writer.staging_folder(batch_id)
        counts = self._stage_trades(records, folder)
        if self.book.learn(counts.unknown_ids):
            folder = self.writer.staging_folder(batch_id)
            counts = self._stage_trades(records, folder)
        if counts.rejected:
            self._stage_quarantine(records, folder)
        commit = self.writer.commit(
            Batch(
                folder=folder,
                source=self.source,
                offsets={
                    partition: OffsetRange(start=self.position.get(partition, 0), end=end)
                    for partition, end in end_offsets.items()
                },
                expected_trades=counts.trades,
                expected_quarantined=counts.rejected,
            )
        )
        self.position = end_offsets
        _log.info(
            "landed",
            commit=commit.number,
            trades=commit.rows,
            files=len(commit.files),
            quarantined=commit.quarantined_rows,
            duplicates=commit.duplicates_dropped,
        )
        return commit

    def _stage_trades(self, records: DataFrame, folder: Path) -> _Counts:
        plan = self.book.plan
        observation = Observation()
        unseen = columns.has_id_beyond([*plan.writers, *plan.foreign])
        (
            records.transform(transforms.with_trade, plan)
            .transform(transforms.with_verdict, self.rules)
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
        plan = self.book.plan
        (
            records.transform(transforms.with_trade, plan)
            .transform(transforms.with_verdict, self.rules)
            .transform(transforms.filter_rejected)
            .transform(transforms.select_quarantine, plan, self.rules)
            .write.parquet(str(folder / "quarantine"))
        )
