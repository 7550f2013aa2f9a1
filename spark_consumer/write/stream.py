"""The running query: micro-batches from the commit log's position on, until told to stop."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame
from pyspark.sql.streaming.query import StreamingQuery

from spark_consumer.errors import SparkGone
from spark_consumer.spark_errors import SPARK_ERRORS, as_spark_failed, failed_again
from spark_consumer.write.end_offsets import end_offsets
from spark_consumer.write.micro_batch import MicroBatchSink

__all__ = ["Trigger", "run"]

_LOOK_EVERY = 0.5
_HANDED_OVER_WITHIN = 60.0

_WITHOUT_LOGS = {
    "asyncProgressTrackingEnabled": "true",
    "asyncProgressTrackingCheckpointIntervalMs": str(366 * 86_400_000),
    "_asyncProgressTrackingOverrideSinkSupportCheck": "true",
}
"""Spark writes its offset and commit logs beside the batches, and no more than once a year: the
first batch's. The lake's own log decides where a run starts. Written for each batch they take a
sixth of its time, and Spark reads the last ones back before it writes more."""


@dataclass(frozen=True)
class Trigger:
    """When micro-batches run.

    Attributes:
        every: Spark's interval, such as `5 seconds`; None: what the topic holds now, then end.
    """

    every: str | None = None


def run(
    kafka: DataFrame,
    lander: MicroBatchSink,
    *,
    checkpoint: Path,
    trigger: Trigger,
    stopping: threading.Event,
) -> None:
    """Land batches until the topic is drained or `stopping` is set.

    The checkpoint is this run's own: it starts empty, and nothing is read from it. No batch is at
    work any more when this returns or raises.

    Raises:
        RegistryError, LakeError: as `MicroBatchSink.land`.
        SourceReplaced, OffsetsGone: as `SourceGuard`.
        SparkGone: Spark's JVM ended under the stream.
        SparkFailed: anything else that Spark failed at.
    """
    gate = _Gate(lander)
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
            lander.guard.explain(lander.position)
            raise as_spark_failed(failure, _failed(lander)) from failure
        # Not a failure to read the records: the next run need not read them one by one.
        lander.attempts.forget()
        raise failure from None
    except (Py4JError, OSError) as error:
        gate.close()
        again = _failed(lander) or "Start again: what failed is then read record by record."
        raise SparkGone(
            "Spark's JVM ended under the stream, killed or for want of memory. Nothing was lost. "
            f"{again}"
        ) from error
    finally:
        gate.close()


def _failed(lander: MicroBatchSink) -> str:
    """Note that the batch at work failed; what to know where it has before."""
    if not lander.offsets:
        return ""
    return failed_again(lander.attempts.failed(lander.offsets), lander.offsets)


def _await_end(query: StreamingQuery, gate: "_Gate", stopping: threading.Event) -> None:
    while not query.awaitTermination(_LOOK_EVERY):  # type: ignore[arg-type]  # takes fractions
        if stopping.is_set():
            gate.close()
            query.stop()
            return


@dataclass
class _Gate:
    """Lets one batch at a time through, and none once it is closed.

    Spark calls back on a thread of its own, which goes on for a while when the query is stopped
    or the JVM is gone: the lake must not be given back while that thread may still commit.
    """

    lander: MicroBatchSink
    query: "Future[StreamingQuery]" = field(default_factory=Future)
    failures: list[Exception] = field(default_factory=list)
    _closed: bool = False
    _at_work: threading.Lock = field(default_factory=threading.Lock)

    def land(self, batch: DataFrame, batch_id: int) -> None:
        """What Spark calls for each micro-batch."""
        with self._at_work:
            if self._closed:
                return
            try:
                # The first batch may run before the query is handed over.
                query = self.query.result(_HANDED_OVER_WITHIN)
                ends = end_offsets(query, self.lander.guard.source.topic)
                self.lander.land(batch, batch_id, ends)
            except Exception as error:
                # Spark would hand on no more than the text of it.
                self.failures.append(error)
                raise

    def close(self) -> None:
        """Wait for the batch at work, and let no other in."""
        with self._at_work:
            self._closed = True
