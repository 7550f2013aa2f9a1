"""One micro-batch: from Kafka's records to a commit in the lake."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pyspark.sql import DataFrame

from lake.batch import Batch
from lake.commit import Commit, OffsetRange, Source
from lake.writer import LakeWriter
from spark_consumer.staging import Stager

__all__ = ["BatchLander"]

_ONE_TASKS_WORK = 20_000
"""So few records are quicker read one partition after the other than shared out among tasks, and
make one file a folder."""

_log = structlog.get_logger(__name__)


@dataclass
class BatchLander:
    """Lands micro-batches one after another.

    Attributes:
        writer: the lake.
        stager: decodes and stages.
        source: the topic that the batches come from.
        position: the offset that the next batch starts at, per partition.
    """

    writer: LakeWriter
    stager: Stager
    source: Source
    position: Mapping[int, int]

    def land(self, kafka: DataFrame, batch_id: int, end_offsets: Mapping[int, int]) -> Commit:
        """Decode a batch, stage it and commit it.

        Raises:
            RegistryError: an id could not be looked up for longer than the patience.
            LakeError: the lake could not be written.
        """
        offsets = {
            partition: OffsetRange(start=self.position.get(partition, 0), end=end)
            for partition, end in end_offsets.items()
        }
        if sum(span.end - span.start for span in offsets.values()) <= _ONE_TASKS_WORK:
            kafka = kafka.coalesce(1)
        staged = self.stager.stage(kafka, lambda: self.writer.staging_folder(batch_id))
        commit = self.writer.commit(
            Batch(
                folder=staged.folder,
                expected_trades=staged.trades,
                expected_quarantined=staged.rejected,
                trade_files=staged.trade_files,
                source=self.source,
                offsets=offsets,
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
