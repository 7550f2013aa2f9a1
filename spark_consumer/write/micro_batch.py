"""One micro-batch: from Kafka's records to a commit in the lake."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from pyspark.sql import DataFrame

from lake.log.commit import Commit, OffsetRange
from lake.write.batch import Batch
from lake.write.writer import LakeWriter
from spark_consumer.kafka.record_bounds import RecordBounds
from spark_consumer.kafka.record_reader import RecordReader
from spark_consumer.kafka.record_spool import remove_spooled, spool
from spark_consumer.kafka.source_guard import SourceGuard
from spark_consumer.kafka.stored_records import read_records
from spark_consumer.metrics import NO_METRICS, StreamMetrics
from spark_consumer.spark_errors import SPARK_ERRORS, reason_of, refusal_in
from spark_consumer.write.batch_writer import BatchWriter, Staged
from spark_consumer.write.failure_count import Attempts

__all__ = ["MicroBatchSink"]

_ONE_TASKS_WORK = 20_000
"""Up to this many records are faster in one task, partition after partition, than spread over
several; and they make one file per folder."""

log = structlog.get_logger(__name__)


@dataclass
class MicroBatchSink:
    """Lands micro-batches one after another.

    Attributes:
        writer: writes to the lake.
        batch_writer: decodes records and stages them.
        guard: checks that the topic is still the one that the batches come from.
        position: the offset that the next batch starts at, per partition.
        records: reads the records that Spark cannot.
        bounds: how much of a record is kept that was read that way.
        attempts: failures at this position, of this run and earlier ones.
        offsets: what the current batch covers; empty between two batches.
        metrics: takes what each batch did, once it has landed.
    """

    writer: LakeWriter
    batch_writer: BatchWriter
    guard: SourceGuard
    position: Mapping[int, int]
    records: RecordReader
    bounds: RecordBounds
    attempts: Attempts
    offsets: Mapping[int, OffsetRange] = field(default_factory=dict)
    metrics: StreamMetrics = NO_METRICS
    _is_first: bool = True
    _is_suspect: bool = False
    """Whether the next batch is read record by record without trying Spark first."""

    def land(self, kafka: DataFrame, batch_id: int, end_offsets: Mapping[int, int]) -> Commit:
        """Decode a batch, stage it and commit it.

        Raises:
            SourceReplaced: The topic is no longer the one that the lake is filled from.
            RegistryError: The registry could not be asked about an id within the patience.
            LakeError: The lake could not be written, or another stream has taken it over.
        """
        self.metrics.began()
        self.offsets = offsets = {
            partition: OffsetRange(start=self.position.get(partition, 0), end=end)
            for partition, end in end_offsets.items()
        }
        if self._is_first:
            self._is_suspect = self.attempts.begin(offsets) > 0
            self._is_first = False
        staged = self._staged(kafka, batch_id)
        self.metrics.staged(staged.task_seconds)
        self.guard.check(self.position)
        commit = self.writer.commit(
            Batch(
                folder=staged.folder,
                expected_trades=staged.trades,
                expected_quarantined=staged.rejected,
                trade_files=staged.trade_files,
                undecodable_files=staged.undecodable_files,
                left_out=staged.left_out,
                source=self.guard.source,
                offsets=offsets,
            )
        )
        self.position, self.offsets = end_offsets, {}
        self.attempts.forget()
        self.metrics.landed(commit)
        log.info(
            "landed",
            commit=commit.number,
            trades=commit.rows,
            files=len(commit.files),
            quarantined=commit.quarantined_rows,
            duplicates=commit.duplicates_dropped,
        )
        if commit.retired_dropped:
            log.warning(
                "retired_trades_came_again",
                trades=commit.retired_dropped,
                advice="They were retired from this lake and are left out, as every trade that has "
                "landed. To have them in files again, land a backfill in another lake.",
            )
        return commit

    def _staged(self, kafka: DataFrame, batch_id: int) -> Staged:
        """Stage the batch as Spark reads it or, if that fails or has failed, record by record."""
        if not self._is_suspect:
            try:
                return self._staged_by(_in_few_tasks(kafka, self.offsets), batch_id)
            except SPARK_ERRORS as error:
                # Reading the records in another way would not help.
                if (refusal := refusal_in(error)) is not None:
                    raise refusal from error
                self.guard.explain(self.position)
                log.warning("reading the batch again record by record", spark=reason_of(error))
        folder = self.writer.staging_folder(batch_id)
        folder = folder.with_name(f"{folder.name}-records")
        try:
            found = self.records.read(self.offsets)
            spooled = spool(found, self.guard.source.topic, folder, self.bounds)
            # After one such record more follow: Spark would only fail again.
            self._is_suspect = spooled.cut > 0
            log.info("read record by record", records=spooled.records, cut=spooled.cut)
            files = spooled.files
            records = read_records(kafka.sparkSession, files) if files else kafka.limit(0)
            return self._staged_by(records, batch_id)
        finally:
            remove_spooled(folder)

    def _staged_by(self, records: DataFrame, batch_id: int) -> Staged:
        return self.batch_writer.stage(records, lambda: self.writer.staging_folder(batch_id))


def _in_few_tasks(kafka: DataFrame, offsets: Mapping[int, OffsetRange]) -> DataFrame:
    records = sum(covered.end - covered.start for covered in offsets.values())
    return kafka.coalesce(1) if records <= _ONE_TASKS_WORK else kafka
