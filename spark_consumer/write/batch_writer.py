"""Decodes Kafka's records and stages them as files, for the stream, replay and reread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pyspark.sql import DataFrame

from lake.log.commit import LeftOut
from lake.settings import Compression
from schemas.avro.wire import SchemaName, named_by
from spark_consumer.decode.columns import Rules
from spark_consumer.decode.decoder import Decoder
from spark_consumer.decode.schema_cache import SchemaCache
from spark_consumer.write.parquet_task import REPORT, ParquetTask

__all__ = ["BatchWriter", "Staged"]


@dataclass(frozen=True)
class Staged:
    """The result of staging a batch.

    Attributes:
        folder: the batch's folder: trades are in `trades`, other records in `quarantine`.
        trades: how many trades were staged.
        rejected: how many records were staged for quarantine.
        trade_files: the files of the trades, and the partition folders that they go into.
        left_out: fields that records had and the reader schema lacks, by writer.
    """

    folder: Path
    trades: int
    rejected: int
    trade_files: Mapping[Path, str]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Seen:
    rows: int
    trades: int
    noted: frozenset[SchemaName]
    files: Mapping[Path, str]


class BatchWriter:
    """Decodes records and stages them.

    Args:
        cache: the schemas known so far.
        rules: the rules that a trade must satisfy.
        compression: the codec of the staged trades.
    """

    def __init__(self, cache: SchemaCache, rules: Rules, compression: Compression) -> None:
        self._cache = cache
        self._decoder = Decoder(cache.plan, rules)
        self._compression: Compression = compression

    def stage(self, kafka: DataFrame, empty_folder: Callable[[], Path]) -> Staged:
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
        seen = self._stage_trades(kafka, folder / "trades")
        if self._cache.learn(seen.noted):
            self._decoder = Decoder(self._cache.plan, self._decoder.rules)
            folder = empty_folder()
            seen = self._stage_trades(kafka, folder / "trades")
        rejected = seen.rows - seen.trades
        if rejected:
            self._cache.recheck()
            self._decoder.rejected(kafka).write.parquet(str(folder / "quarantine"))
        return Staged(folder, seen.trades, rejected, seen.files, self._left_out(seen))

    def _left_out(self, seen: _Seen) -> tuple[LeftOut, ...]:
        plan = self._cache.plan
        lost, noted = plan.left_out, {plan.id_of(name) for name in seen.noted}
        return tuple(
            LeftOut(schema_id=schema_id, fields=lost[schema_id])
            for schema_id in sorted(lost.keys() & noted)
        )

    def _stage_trades(self, kafka: DataFrame, folder: Path) -> _Seen:
        task = ParquetTask(folder, self._compression)
        reports = self._decoder.judged(kafka).mapInArrow(task.run, REPORT).collect()
        headers = {bytes(header) for report in reports for header in report.unseen}
        return _Seen(
            rows=sum(report.rows for report in reports),
            trades=sum(report.trades for report in reports),
            noted=frozenset(map(named_by, headers)),
            files={
                folder / path.name: path.parent.as_posix()
                for report in reports
                for path in map(PurePosixPath, report.files)
            },
        )
