"""Decodes Kafka's records and stages them as files, for the stream, replay and reread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from lake.log.commit import LeftOut
from lake.settings import Compression
from lake.storage.object_path import LakePath
from lake.write.staged_files import StagedFile
from lake.write.store.keys import quarantine_folder
from schemas.avro.wire import SchemaName, named_by
from spark_consumer.decode.columns import Rules
from spark_consumer.decode.decoder import Decoder
from spark_consumer.decode.schema_cache import SchemaCache
from spark_consumer.write.parquet_task import REPORT, ParquetTask
from spark_consumer.write.quarantine_task import quarantine

__all__ = ["BatchWriter", "Staged"]


@dataclass(frozen=True)
class Staged:
    """The result of staging a batch.

    Attributes:
        folder: the batch's folder.
        trades: how many trades were staged.
        rejected: how many records were staged for quarantine.
        trade_files: the files of the trades.
        undecodable_files: the files of the other records.
        left_out: fields that records had and the reader schema lacks, by writer.
        task_seconds: from the begin of Spark's first task to the end of the last one.
    """

    folder: LakePath
    trades: int
    rejected: int
    trade_files: Sequence[StagedFile]
    undecodable_files: Sequence[StagedFile] = ()
    left_out: tuple[LeftOut, ...] = ()
    task_seconds: float = 0.0


@dataclass(frozen=True)
class _Seen:
    rows: int
    trades: int
    noted: frozenset[SchemaName]
    files: Sequence[StagedFile]
    task_seconds: float


class BatchWriter:
    """Decodes records and stages them.

    Args:
        cache: the schemas known so far.
        rules: the rules that a trade must satisfy.
        compression: the codec of the staged files.
    """

    def __init__(self, cache: SchemaCache, rules: Rules, compression: Compression) -> None:
        self._cache = cache
        self._decoder = Decoder(cache.plan, rules)
        self._compression: Compression = compression

    def stage(self, kafka: DataFrame, empty_folder: Callable[[], LakePath]) -> Staged:
        """Stage records that have the columns of Spark's Kafka source.

        They are decoded with the schema ids known so far, and the same pass reports unknown ids, so
        no extra pass is needed to collect the ids. Only a batch with a new id is decoded again.

        Args:
            kafka: the records; evaluated once, twice or three times.
            empty_folder: returns a folder to stage in, and empties it on each call.

        Raises:
            RegistryError: The registry could not be asked about an id within the patience.
            SchemaIdReused: The registry gives a known id to another schema.
        """
        folder = empty_folder()
        seen = self._stage_trades(kafka, folder)
        if self._cache.learn(seen.noted):
            self._decoder = Decoder(self._cache.plan, self._decoder.rules)
            folder = empty_folder()
            seen = self._stage_trades(kafka, folder)
        rejected = seen.rows - seen.trades
        others: Sequence[StagedFile] = ()
        if rejected:
            self._cache.recheck()
            records = self._decoder.rejected(kafka)
            others = quarantine(records, quarantine_folder(folder), self._compression)
        return Staged(
            folder,
            seen.trades,
            rejected,
            seen.files,
            others,
            self._left_out(seen),
            seen.task_seconds,
        )

    def _left_out(self, seen: _Seen) -> tuple[LeftOut, ...]:
        plan = self._cache.plan
        lost, noted = plan.left_out, {plan.id_of(name) for name in seen.noted}
        return tuple(
            LeftOut(schema_id=schema_id, fields=lost[schema_id])
            for schema_id in sorted(lost.keys() & noted)
        )

    def _stage_trades(self, kafka: DataFrame, folder: LakePath) -> _Seen:
        task = ParquetTask(folder, self._compression)
        reports = self._decoder.judged(kafka).mapInArrow(task.run, REPORT).collect()
        headers = {bytes(header) for report in reports for header in report.unseen}
        return _Seen(
            rows=sum(report.rows for report in reports),
            trades=sum(report.trades for report in reports),
            noted=frozenset(map(named_by, headers)),
            files=[
                StagedFile.model_validate_json(file) for report in reports for file in report.files
            ],
            # By the clocks of the executors, which may differ.
            task_seconds=max((report.ended for report in reports), default=0.0)
            - min((report.began for report in reports), default=0.0),
        )
