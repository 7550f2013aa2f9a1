"""`python -m spark_consumer.replay`: decodes the quarantine again, and lands what is valid now.

A schema id may have been registered since, or a rule changed. Records that still fail stay, byte
for byte. It can run beside a stream: the two have different roles in the commit log.
"""

import secrets
import sys
from contextlib import ExitStack

import typer

from lake.log.commit import Commit, Role
from lake.log.live_files import readable_path
from lake.read.quarantine import quarantine_files
from lake.write.batch import Batch
from lake.write.writer import LakeWriter
from runtime.logs import configure_logging
from runtime.output import outlive_readers
from spark_consumer.bootstrap import Settings, make_batch_writer
from spark_consumer.failures import FAILURES, sentence
from spark_consumer.kafka.stored_records import read_records
from spark_consumer.session import spark_session, stop_spark

__all__ = ["replay"]


def replay(settings: Settings) -> Commit | None:
    """Land the records that are valid now; None if there are none.

    Raises:
        RegistryError, LakeError, ConsumerError: With a message for the user.
    """
    batch_writer = make_batch_writer(settings)
    lake, layout = settings.lake, settings.lake.layout
    with ExitStack() as at_end:
        writer = at_end.enter_context(
            LakeWriter.open(
                layout,
                run_id=secrets.token_hex(4),
                role=Role.MAINTENANCE,
                compression=lake.parquet_compression,
            )
        )
        files = quarantine_files(layout)
        if not files:
            return None
        spark = spark_session(settings.consumer, lake)
        at_end.callback(stop_spark, spark)
        records = read_records(spark, [readable_path(layout.base, file) for file in files])
        staged = batch_writer.stage(records, lambda: writer.staging_folder(0))
        if not staged.trades:
            return None
        return writer.commit(
            Batch(
                folder=staged.folder,
                expected_trades=staged.trades,
                expected_quarantined=staged.rejected,
                trade_files=staged.trade_files,
                undecodable_files=staged.undecodable_files,
                left_out=staged.left_out,
                replaced_quarantine=tuple(files),
            )
        )


def main() -> None:
    """Replay, and print the result."""
    try:
        settings = Settings.read()
        configure_logging(settings.consumer.log_format, settings.consumer.log_level)
        commit = replay(settings)
    except FAILURES as error:
        typer.echo(f"spark_consumer.replay: {sentence(error)}", err=True)
        sys.exit(1)
    if commit is None:
        typer.echo("Nothing in quarantine passes now; all of it stays.")
    else:
        typer.echo(
            f"{commit.rows} trades landed, {commit.duplicates_dropped} had landed already, "
            f"{commit.quarantined_rows} records stay in quarantine."
        )


if __name__ == "__main__":
    outlive_readers()
    main()
