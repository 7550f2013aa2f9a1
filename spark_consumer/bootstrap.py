"""Builds a running stream from the settings: the only module that knows every part."""

import secrets
import shutil
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field

import structlog

from lake.errors import WriterFenced
from lake.log.commit import Role
from lake.settings import LakeSettings
from lake.write.writer import LakeWriter
from runtime.metrics import MetricsSettings
from runtime.settings import KafkaSettings, RegistrySettings
from runtime.topic_state import TopicClient
from schemas.catalogue import load_catalogue
from schemas.errors import TransientRegistryError
from schemas.registry.client import Registry
from schemas.registry.retry import ask_patiently
from schemas.registry.subject_state import associated_subject
from schemas.rules import load_rules
from spark_consumer.decode.columns import Rules
from spark_consumer.decode.registry_patience import Asking
from spark_consumer.decode.schema_cache import SchemaCache
from spark_consumer.kafka.open_transactions import OpenTransactions, watched
from spark_consumer.kafka.record_bounds import RecordBounds
from spark_consumer.kafka.record_reader import RecordReader
from spark_consumer.kafka.source import Acceptance, read_stream, start_offsets
from spark_consumer.kafka.source_guard import SourceGuard
from spark_consumer.kafka.source_state import as_source_state
from spark_consumer.kafka.transaction_owners import ProducerNames
from spark_consumer.kept_metrics import open_metrics
from spark_consumer.session import SparkApplication
from spark_consumer.settings import ConsumerSettings
from spark_consumer.takeover import ending_for_the_next, note_of, outlasted_by, taking_over
from spark_consumer.warm_up import warm_up
from spark_consumer.write.batch_writer import BatchWriter
from spark_consumer.write.failure_count import Attempts
from spark_consumer.write.micro_batch import MicroBatchSink
from spark_consumer.write.stream import Trigger, run

log = structlog.get_logger(__name__)

__all__ = ["Settings", "make_batch_writer", "stop_on_signals", "stream"]


@dataclass(frozen=True)
class Settings:
    """All settings of the stream."""

    consumer: ConsumerSettings
    kafka: KafkaSettings
    registry: RegistrySettings
    lake: LakeSettings
    metrics: MetricsSettings = field(default_factory=MetricsSettings.off)

    @classmethod
    def read(cls) -> "Settings":
        """Read them from the environment and `.env`, once."""
        return cls(
            ConsumerSettings(),
            KafkaSettings(),
            RegistrySettings(),
            LakeSettings(),
            MetricsSettings(),
        )


def stream(
    settings: Settings,
    trigger: Trigger,
    accept: Acceptance,
    stopping: threading.Event,
    *,
    take_over: bool = False,
) -> None:
    """Run the stream to its end.

    Everything that can fail early is checked before Spark starts, which takes seconds. With
    `take_over` another stream may run meanwhile: Spark is started and warmed up first, and then
    that stream is asked for the lake. If that stream runs as long as this one would, it goes on,
    and this one does nothing.

    Raises:
        ConsumerError, SchemasError, LakeError: With a message for the user.
    """
    run_id = secrets.token_hex(4)
    lake, layout = settings.lake, settings.lake.layout
    checkpoint = layout.checkpoints / run_id
    note = note_of(trigger.until)
    if take_over and (running := outlasted_by(layout, trigger.until)):
        log.info("nothing to take over: a stream lands for longer than this one would", by=running)
        return
    client = TopicClient(settings.kafka)
    topic = as_source_state(client.state())
    batch_writer = make_batch_writer(settings)
    with ExitStack() as at_end:
        # Entered before the lake is opened, so that the lake is given back before Spark stops.
        spark = at_end.enter_context(SparkApplication(settings.consumer, lake))
        if take_over:
            stop_on_signals(stopping)
            folder = layout.staging(Role.STREAM) / run_id if layout.is_on_store else checkpoint
            folder /= "warm-up"
            warm_up(spark.session, settings.kafka, topic, batch_writer, folder)
            writer = at_end.enter_context(taking_over(lake, run_id, stopping, note))
            topic = as_source_state(client.state())
        else:
            writer = at_end.enter_context(
                LakeWriter.open(
                    layout, run_id=run_id, compression=lake.parquet_compression, note=note
                )
            )
        # Entered after the lake is opened, so that the next stream finds the port free.
        metrics = at_end.enter_context(open_metrics(settings.metrics, layout.base))
        number = writer.state.number
        at_end.enter_context(ending_for_the_next(layout, stopping, run_id, number))
        if not layout.is_on_store:
            # Left by runs that were killed; the lock on the role proves that no other stream runs.
            shutil.rmtree(layout.checkpoints, ignore_errors=True)
        start = start_offsets(topic, writer.state.source, writer.state.position, accept)
        stop_on_signals(stopping)  # again, since Spark replaced the handler for Ctrl-C
        at_end.callback(shutil.rmtree, checkpoint, ignore_errors=True)
        at_end.enter_context(
            watched(
                # A separate client, so that it can wait for an answer while the stream runs.
                OpenTransactions(
                    TopicClient(settings.kafka).state,
                    ProducerNames(spark.session, settings.kafka),
                )
            )
        )
        records = read_stream(
            spark.session, settings.kafka, start, settings.consumer.max_offsets_per_trigger
        )
        sink = MicroBatchSink(
            writer,
            batch_writer,
            SourceGuard(client, topic.source),
            start,
            RecordReader(settings.kafka),
            RecordBounds(settings.consumer.max_record_bytes),
            Attempts(layout.platform / "stream.attempt.json"),
            metrics=metrics,
        )
        try:
            run(records, sink, checkpoint=checkpoint, trigger=trigger, stopping=stopping)
        except WriterFenced:
            if not layout.is_on_store:
                raise
            # On a store, this is how a stream hands the lake over.
            log.info("ended: another stream has taken over", position=dict(sink.position))


def stop_on_signals(stopping: threading.Event) -> None:
    """Make SIGTERM and Ctrl-C end the stream after the current batch.

    Does nothing outside the main thread, where Python allows no signal handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())


def make_batch_writer(settings: Settings) -> BatchWriter:
    """Create the batch writer, with all schema versions that the registry has now.

    Raises:
        RegistryError: The registry cannot be reached, or does not know the subject.
        ReaderSchemaUnknown: READER_SCHEMA names no version of the catalogue.
    """
    consumer, registry, topic = settings.consumer, Registry(settings.registry), settings.kafka.topic
    cache = SchemaCache(
        registry,
        _subject(registry, topic, consumer.registry_patience_seconds),
        load_catalogue().trade,
        pinned_version=consumer.reader_version,
        asking=Asking(
            patience=consumer.registry_patience_seconds,
            confirmation=consumer.registry_confirmation_seconds,
        ),
    )
    return BatchWriter(cache, _rules(settings.lake.exchange), settings.lake.parquet_compression)


def _subject(registry: Registry, topic: str, patience: float) -> str:
    """Return the subject of the trades: the one associated with the topic, or named after it."""
    return ask_patiently(
        lambda: associated_subject(registry, topic, load_catalogue().trade.subject(topic)),
        f"the subject of {topic}",
        on=TransientRegistryError,
        patience=patience,
    )


def _rules(exchange: str) -> Rules:
    """Return the rules declared beside the schema, and one that refuses other exchanges."""
    declared = {rule.name: rule.sql for rule in load_rules("trade")}
    quoted = exchange.replace("'", "''")
    return {"exchange_of_this_lake": f"exchange = '{quoted}'", **declared}
