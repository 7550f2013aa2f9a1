"""The running query: micro-batches from the commit log's position on, until it is stopped."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame
from pyspark.sql.streaming.query import StreamingQuery

from spark_consumer.errors import SparkGone
from spark_consumer.spark_errors import SPARK_ERRORS, as_spark_failed, failed_again
from spark_consumer.write.end_offsets import end_offsets
from spark_consumer.write.micro_batch import MicroBatchSink

__all__ = ["Trigger", "default_interval", "is_costly", "run"]

_ON_DISK = "300 milliseconds"
_ON_STORE = "5 seconds"
"""On an object store each batch costs some requests for each pair, however few its trades are."""
_UNITS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0}
_CHEAP_FROM = 5.0

_LOOK_EVERY = 0.5
_HANDED_OVER_WITHIN = 60.0

_WITHOUT_LOGS = {
    "asyncProgressTrackingEnabled": "true",
    "asyncProgressTrackingCheckpointIntervalMs": str(366 * 86_400_000),
    "_asyncProgressTrackingOverrideSinkSupportCheck": "true",
}
"""With these options Spark writes its offset and commit logs asynchronously, at most once a year:
for the first batch. The lake's own log decides where a run starts. Written for each batch, Spark's
logs take a sixth of its time, and Spark reads the last ones back before it writes more."""


@dataclass(frozen=True)
class Trigger:
    """When micro-batches run.

    Attributes:
        every: Spark's interval, such as `5 seconds`; None: land what the topic holds now, and end.
        until: the time at which the stream ends; None: it runs on.
    """

    every: str | None = None
    until: datetime | None = None


def default_interval(*, in_store: bool) -> str:
    """Return how often a micro-batch runs if nothing is said."""
    return _ON_STORE if in_store else _ON_DISK


def is_costly(interval: str) -> bool:
    """Return whether a stream with this interval makes many requests to an object store.

    Args:
        interval: as Spark reads it, such as `300 milliseconds`. One in other words is not costly.
    """
    count, _, unit = interval.strip().partition(" ")
    seconds = _UNITS.get(unit.strip().rstrip("s"))
    return seconds is not None and count.isdigit() and int(count) * seconds < _CHEAP_FROM


def run(
    kafka: DataFrame,
    sink: MicroBatchSink,
    *,
    checkpoint: Path,
    trigger: Trigger,
    stopping: threading.Event,
) -> None:
    """Land batches until the topic is drained or `stopping` is set.

    The checkpoint belongs to this run: it starts empty, and no run reads it. When this returns or
    raises, no batch is running any more.

    Raises:
        RegistryError, LakeError: As `MicroBatchSink.land`.
        SourceReplaced, OffsetsGone: As `SourceGuard`.
        SparkGone: Spark's JVM ended while the stream ran.
        SparkFailed: Spark failed in any other way.
    """
    gate = _Gate(sink)
    writer = kafka.writeStream.foreachBatch(gate.land).option("checkpointLocation", str(checkpoint))
    try:
        if trigger.every is None:
            writer = writer.trigger(availableNow=True)
        else:
            writer = writer.options(**_WITHOUT_LOGS).trigger(processingTime=trigger.every)
        gate.query.set_result(query := writer.start())
        _await_end(query, gate, stopping)
    except SPARK_ERRORS as error:
        failure = gate.failures[0] if gate.failures else error
        if isinstance(failure, SPARK_ERRORS):
            gate.close()
            sink.guard.explain(sink.position)
            raise as_spark_failed(failure, _failed(sink)) from failure
        # The records were readable: the next run need not read them one by one.
        sink.attempts.forget()
        raise failure from None
    except (Py4JError, OSError) as error:
        gate.close()
        again = _failed(sink) or "Start again: what failed is then read record by record."
        raise SparkGone(
            "Spark's JVM ended while the stream ran: killed, or out of memory. Nothing was lost. "
            f"{again}"
        ) from error
    finally:
        gate.close()


def _failed(sink: MicroBatchSink) -> str:
    """Note that the current batch failed; return the text of `failed_again`."""
    if not sink.offsets:
        return ""
    return failed_again(sink.attempts.failed(sink.offsets), sink.offsets)


def _await_end(query: StreamingQuery, gate: "_Gate", stopping: threading.Event) -> None:
    while not query.awaitTermination(_LOOK_EVERY):  # type: ignore[arg-type]  # takes fractions
        if stopping.is_set():
            gate.close()
            query.stop()
            return


@dataclass
class _Gate:
    """Lets one batch at a time run, and none once it is closed.

    Spark calls back on its own thread, which runs on for a while after the query was stopped or
    the JVM ended. The lake must stay locked while that thread may still commit.
    """

    sink: MicroBatchSink
    query: "Future[StreamingQuery]" = field(default_factory=Future)
    failures: list[Exception] = field(default_factory=list)
    _closed: bool = False
    _at_work: threading.Lock = field(default_factory=threading.Lock)

    def land(self, batch: DataFrame, batch_id: int) -> None:
        """Land one micro-batch; Spark calls this for each."""
        with self._at_work:
            if self._closed:
                return
            try:
                # The first batch may run before `start` has returned the query.
                query = self.query.result(_HANDED_OVER_WITHIN)
                ends = end_offsets(query, self.sink.guard.source.topic)
                self.sink.land(batch, batch_id, ends)
            except Exception as error:
                # Spark would pass on only the text of the error.
                self.failures.append(error)
                raise

    def close(self) -> None:
        """Wait for the current batch, and let no other start."""
        with self._at_work:
            self._closed = True
