"""The stream's metrics for Prometheus.

A batch is counted once its commit is in the lake. If the stream is killed right after the commit,
that batch is in the lake and not in the counters, which begin at 0 with each run.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import structlog

from lake.errors import LakeError
from lake.layout import symbol_from_folder
from lake.log.commit import Commit
from lake.storage.object_path import LakePath
from lake.storage.operations import parquet_source
from runtime.metrics import Metrics, MetricsSettings
from runtime.metrics_server import serving
from spark_consumer.decode.reasons import Reason
from spark_consumer.metrics import NO_METRICS, StreamMetrics

__all__ = ["PHASES", "KeptMetrics", "open_metrics"]

PHASES: Final = ("wait", "plan", "task", "commit")
_MICROS: Final = 1_000_000

log = structlog.get_logger(__name__)


class KeptMetrics(StreamMetrics):
    """Keeps what is reported.

    Args:
        metrics: where the metrics are declared.
        base: BASE_OUTPUT_PATH, which the paths in a commit are relative to.
        clock: monotonic seconds.
    """

    def __init__(
        self, metrics: Metrics, base: LakePath, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._base = base
        self._clock = clock
        self._ended: float | None = None
        self._began = self._staged = self._task = self._wait = 0.0
        self._newest = 0
        phase = metrics.seconds(
            "kraken_stream_batch_phase_seconds",
            "Duration of each phase of a micro-batch that landed. wait: from the batch before, "
            "Spark's own planning included. plan: until Spark's first task runs, and after the "
            "last. task: reading, decoding and writing files. commit: until readers see them.",
            "phase",
        )
        self._phases = {name: phase.labels(name) for name in PHASES}
        self._trades = metrics.counter(
            "kraken_stream_trades_total", "Trades landed by this run.", "symbol"
        )
        self._files = metrics.counter("kraken_stream_files_total", "Files of trades landed.")
        self._bytes = metrics.counter("kraken_stream_bytes_total", "Bytes of these files.")
        self._duplicates = metrics.counter(
            "kraken_stream_duplicates_total", "Trades left out since they had landed before."
        )
        self._retired = metrics.counter(
            "kraken_stream_retired_duplicates_total",
            "Those of them that were retired from the lake.",
        )
        quarantined = metrics.counter(
            "kraken_stream_quarantined_total", "Records put into quarantine, by reason.", "reason"
        )
        self._quarantined = {reason.value: quarantined.labels(reason.value) for reason in Reason}
        self._unread = quarantined.labels("unknown")
        self._commit = metrics.gauge(
            "kraken_stream_commit_number", "The number of this run's newest commit."
        )
        self._committed_at = metrics.gauge(
            "kraken_stream_commit_timestamp_seconds", "When this run's newest commit was written."
        )
        self._newest_at = metrics.gauge(
            "kraken_stream_newest_trade_timestamp_seconds",
            "The exchange's time of the newest trade that this run has landed.",
        )

    def began(self) -> None:
        """Note that a batch begins."""
        self._began = self._clock()
        self._wait = 0.0 if self._ended is None else self._began - self._ended

    def staged(self, task_seconds: float) -> None:
        """Note that a batch is staged, and how long Spark's tasks took."""
        self._staged = self._clock()
        # Measured by other clocks, so it may be off.
        self._task = min(max(task_seconds, 0.0), self._staged - self._began)

    def landed(self, commit: Commit) -> None:
        """Count a batch that has landed, and note when its newest trade was executed."""
        now = self._clock()
        if self._ended is not None:
            self._phases["wait"].observe(self._wait)
        self._ended = now
        self._phases["plan"].observe(self._staged - self._began - self._task)
        self._phases["task"].observe(self._task)
        self._phases["commit"].observe(now - self._staged)
        self._files.inc(len(commit.files))
        for file in commit.files:
            self._trades.labels(symbol_from_folder(file.symbol)).inc(file.rows)
            self._bytes.inc(file.bytes)
        self._duplicates.inc(commit.duplicates_dropped)
        self._retired.inc(commit.retired_dropped)
        self._commit.set(commit.number)
        self._committed_at.set(commit.committed_at.timestamp())
        newest = max((file.last_at or 0 for file in commit.files), default=0)
        if newest > self._newest:
            self._newest = newest
            self._newest_at.set(newest / _MICROS)
        if commit.quarantined:
            self._count_quarantined(commit)

    def _count_quarantined(self, commit: Commit) -> None:
        for file in commit.quarantined:
            try:
                column = pq.read_table(
                    parquet_source(self._base / file.path), columns=["reason"], partitioning=None
                ).column("reason")
            except (OSError, LakeError, pa.ArrowException) as error:
                # A replay may have taken the file away meanwhile.
                log.debug("reasons_not_read", file=file.path, error=str(error))
                self._unread.inc(file.rows)
                continue
            counted: Any = column.value_counts()
            for entry in counted.to_pylist():
                self._quarantined.get(entry["values"], self._unread).inc(entry["counts"])


@contextmanager
def open_metrics(settings: MetricsSettings, base: LakePath) -> Iterator[StreamMetrics]:
    """Serve the metrics during a `with` block; keep none if METRICS_PORT is not set."""
    if not settings.port:
        yield NO_METRICS
        return
    metrics = Metrics()
    kept = KeptMetrics(metrics, base)
    with serving(metrics, settings):
        yield kept
