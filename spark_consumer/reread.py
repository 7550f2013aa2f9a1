"""`python -m spark_consumer.reread FIRST LAST`: lands a range of commits from Kafka again.

For commits whose files lack columns that the records had, or hold values that were read wrongly.
The records that Kafka still holds are decoded with today's schemas and replace the landed rows,
trade by trade. It can run beside a stream: the two have different roles in the commit log.
"""

import secrets
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession

from lake.log.commit import Commit, CommitRange, Role
from lake.log.source_state import SourceState
from lake.storage.local_files import storage_errors
from lake.write.batch import Batch
from lake.write.relanding import Relanding, Replacement, plan_relanding
from lake.write.writer import LakeWriter
from runtime.logs import configure_logging
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings
from spark_consumer.bootstrap import Settings, make_batch_writer
from spark_consumer.errors import OffsetsGone, SourceReplaced
from spark_consumer.failures import FAILURES, sentence
from spark_consumer.kafka.source import read_range
from spark_consumer.kafka.source_state import source_state
from spark_consumer.session import spark_session, stop_spark

__all__ = ["Reread", "reread"]


@dataclass(frozen=True)
class Reread:
    """The result.

    Attributes:
        commit: the commit that replaced the files.
        not_found: how many trades of the range Kafka no longer holds or are not valid now; they
            stay as they landed.
        retired: how many trades of the range are no longer in the lake; they stay retired.
    """

    commit: Commit
    not_found: int
    retired: int = 0


def reread(settings: Settings, commits: CommitRange) -> Reread | None:
    """Replace the files of a range; None if none of its trades is in the lake any more.

    Raises:
        OffsetsGone: Kafka has deleted records of the range.
        SourceReplaced: The range was landed from another topic.
        RegistryError, LakeError, ConsumerError: With a message for the user.
    """
    lake, layout = settings.lake, settings.lake.layout
    topic, batch_writer = source_state(settings.kafka), make_batch_writer(settings)
    with ExitStack() as at_end:
        writer = at_end.enter_context(
            LakeWriter.open(
                layout,
                run_id=secrets.token_hex(4),
                role=Role.MAINTENANCE,
                compression=lake.parquet_compression,
            )
        )
        relanding = plan_relanding(layout, commits)
        _refuse_what_is_gone(relanding, topic)
        if not relanding.files:
            return None
        spark = spark_session(settings.consumer, lake)
        at_end.callback(stop_spark, spark)
        kafka = _records(spark, settings.kafka, relanding, topic)
        staged = batch_writer.stage(kafka, lambda: writer.staging_folder(0))
        folder = writer.staging_folder(1)
        replacement = Replacement(
            layout.base, relanding, staged.trade_files, folder / "trades", lake.parquet_compression
        )
        with storage_errors(layout.platform):
            not_found = replacement.write()
        batch = Batch(
            folder=folder,
            trade_files=replacement.written,
            expected_trades=sum(file.rows for file in relanding.files),
            expected_quarantined=0,
            replaced_files=relanding.files,
            left_out=staged.left_out,
            reread=relanding.commits,
        )
        return Reread(writer.commit(batch), not_found, relanding.retired)


def _refuse_what_is_gone(relanding: Relanding, topic: SourceState) -> None:
    if topic.source != relanding.source:
        raise SourceReplaced(
            f"commits {relanding.commits.first} to {relanding.commits.last} were landed from topic "
            f"{relanding.source.topic} ({relanding.source.topic_id}), and now it is "
            f"{topic.source.topic} ({topic.source.topic_id}): what they landed is no longer in "
            "Kafka. Nothing was changed; fetch these trades again with a backfill into a new lake."
        )
    gone = {
        partition: (landed.start, topic.earliest[partition] - 1)
        for partition, landed in relanding.offsets.items()
        if landed.start < min(landed.end, topic.earliest[partition])
    }
    if gone:
        raise OffsetsGone(
            f"{topic.source.topic} no longer holds all of commits {relanding.commits.first} to "
            f"{relanding.commits.last}; deleted offsets, first and last, by partition: {gone}. "
            "Nothing was changed; name later commits with --from-commit."
        )


def _records(
    spark: SparkSession, settings: KafkaSettings, relanding: Relanding, topic: SourceState
) -> DataFrame:
    """Read the committed records of the range, with the columns of Spark's Kafka source."""
    starts = {at: offsets.start for at, offsets in relanding.offsets.items()}
    ends = {at: offsets.end for at, offsets in relanding.offsets.items()}
    # A partition that was added later holds nothing of the range.
    later = {at: first for at, first in topic.earliest.items() if at not in starts}
    return read_range(spark, settings, {**starts, **later}, {**ends, **later})


def main(
    first: Annotated[int, typer.Argument(min=1, help="The first commit.")],
    last: Annotated[int, typer.Argument(min=1, help="The last commit.")],
) -> None:
    """Land a range of commits from Kafka again, and print the result."""
    try:
        settings = Settings.read()
        configure_logging(settings.consumer.log_format, settings.consumer.log_level)
        done = reread(settings, CommitRange(first=first, last=last))
    except FAILURES as error:
        typer.echo(f"spark_consumer.reread: {sentence(error)}", err=True)
        sys.exit(1)
    if done is None:
        typer.echo("These commits landed no trade that is in the lake; nothing was changed.")
        return
    typer.echo(
        f"Commit {done.commit.number} holds {done.commit.rows} trades in {len(done.commit.files)} "
        f"files in place of {len(done.commit.removed_files)}, with the columns of now."
    )
    if done.retired:
        typer.echo(f"{done.retired} trades of these commits are retired, and stay so.")
    if done.not_found:
        typer.echo(f"{done.not_found} trades were not found in Kafka, and stay as they landed.")
        sys.exit(1)


if __name__ == "__main__":
    outlive_readers()
    typer.run(main)
