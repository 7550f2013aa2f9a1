"""What the monitor measures for Prometheus: lake, broker, registry and disk."""

import shutil
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from infra.monitor.kafka_lag import KafkaLag
from infra.monitor.lake_figures import STATES, LakeFigures
from infra.monitor.table_gauges import TableGauges
from lake.errors import LakeError
from lake.layout import LakeLayout
from lake.verify.result import ProblemKind
from lake.verify.verified_record import read_record
from runtime.errors import KafkaUnreachable, TopicMissing
from runtime.metrics import Metrics
from runtime.topic_state import TopicState
from schemas.errors import RegistryError

__all__ = ["BrokerProbe", "LakeProbe", "RegistryProbe"]


class LakeProbe:
    """Measures the lake by its own files.

    Args:
        metrics: Where the metrics are declared.
        layout: The lake.
        catalog_uri: The catalog of its Iceberg table; empty for a file beside the lake.
    """

    def __init__(self, metrics: Metrics, layout: LakeLayout, catalog_uri: str = "") -> None:
        self._layout = layout
        self.figures = LakeFigures(layout)
        gauge, by_pair = metrics.gauge, ("symbol",)
        self._readable = gauge("kraken_lake_readable", "1 if the commit log could be read, else 0.")
        self._trades = gauge("kraken_lake_trades", "Trades in the lake.")
        self._retired = gauge(
            "kraken_lake_retired_trades", "Trades that have landed and were retired from the lake."
        )
        self._quarantined = gauge("kraken_lake_quarantined_records", "Records in quarantine.")
        self._files = gauge(
            "kraken_lake_files",
            "Files of trades. open_hour: their hour is not over. not_compacted: it is, and the "
            "pair has several files in it. compacted: the pair's only file of its hour.",
            "state",
        )
        self._bytes = gauge("kraken_lake_bytes", "Bytes of these files.", "state")
        self._commit = gauge("kraken_lake_commit_number", "The number of the newest commit.")
        self._committed_at = gauge(
            "kraken_lake_commit_timestamp_seconds",
            "When the stream's newest commit was written; 0 before the first.",
        )
        self._free = gauge("kraken_lake_disk_free_bytes", "Free bytes of the lake's file system.")
        self._size = gauge("kraken_lake_disk_size_bytes", "Bytes of the lake's file system.")
        self._tables = TableGauges(metrics, layout, catalog_uri)
        self._verified_at = gauge(
            "kraken_lake_verification_timestamp_seconds",
            "When the last verification ended; 0 before the first.",
        )
        self._problems = gauge(
            "kraken_lake_problems", "What the last verification found wrong, by kind.", "kind"
        )
        self._verified_up_to = gauge(
            "kraken_lake_verified_up_to_timestamp_seconds",
            "The end of the newest hour that was proved complete.",
            *by_pair,
        )
        self._missing = gauge(
            "kraken_lake_missing_trades",
            "Trade ids that are missing without a known reason, by the last verification.",
            *by_pair,
        )
        self._confirmed = gauge(
            "kraken_lake_hole_trades",
            "Trade ids in confirmed holes, which the exchange does not have, by the last "
            "verification.",
            *by_pair,
        )

    def measure(self) -> None:
        """Measure once."""
        if isinstance(self._layout.base, Path):
            disk = shutil.disk_usage(_existing(self._layout.base))
            self._free.set(disk.free)
            self._size.set(disk.total)
        self._read_verification()
        try:
            self.figures.follow()
        except (LakeError, OSError):
            self.figures = LakeFigures(self._layout)
            self._readable.set(0)
            return
        self._readable.set(1)
        figures = self.figures
        self._trades.set(figures.trades)
        self._retired.set(figures.retired)
        self._quarantined.set(figures.quarantined)
        self._commit.set(figures.commit)
        at = figures.committed_at
        self._committed_at.set(at.timestamp() if at else 0)
        sizes = figures.sizes(datetime.now(UTC))
        for state in STATES:
            self._files.labels(state).set(sizes[state].files)
            self._bytes.labels(state).set(sizes[state].bytes)
        self._tables.measure(figures.commit)

    def _read_verification(self) -> None:
        found = read_record(self._layout)
        if found.checked_at is None:
            return
        self._verified_at.set(found.checked_at.timestamp())
        for kind in ProblemKind:
            self._problems.labels(kind.value).set(found.problems.get(kind.value, 0))
        for symbol, end in found.verified_up_to.items():
            self._verified_up_to.labels(symbol).set(end.timestamp())
        for gauge, numbers in ((self._missing, found.missing), (self._confirmed, found.confirmed)):
            for symbol, number in numbers.items():
                gauge.labels(symbol).set(number)


class BrokerProbe:
    """Asks the broker how far the lake is behind.

    Args:
        metrics: Where the metrics are declared.
        state: Asks for the topic.
        figures: Returns what is known of the lake.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        metrics: Metrics,
        state: Callable[[], TopicState],
        figures: Callable[[], LakeFigures],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = state
        self._figures = figures
        self._clock = clock
        self._lag = KafkaLag()
        self._topic_id = ""
        self._up = metrics.gauge("kraken_broker_up", "1 if Kafka answered the last time, else 0.")
        self._behind = metrics.gauge(
            "kraken_lake_offsets_behind",
            "Offsets in Kafka that have not landed, without those behind an open transaction. "
            "Control records of transactions count.",
            "partition",
        )
        self._held_back = metrics.gauge(
            "kraken_lake_offsets_held_back",
            "Offsets that wait for an open transaction to end.",
            "partition",
        )
        self._seconds = metrics.gauge(
            "kraken_lake_behind_seconds",
            "For how long the oldest record that has not landed has been seen in Kafka; 0 if all "
            "have landed.",
        )

    def measure(self) -> None:
        """Measure once; takes up to half a minute if Kafka does not answer."""
        try:
            state = self._state()
        except TopicMissing:
            self._up.set(1)
            return
        except KafkaUnreachable:
            self._up.set(0)
            self._note_seconds()
            return
        self._up.set(1)
        if state.topic_id != self._topic_id:
            self._topic_id, self._lag = state.topic_id, KafkaLag()
        position = self._position()
        self._lag.sample(self._clock(), state.latest)
        for partition, end in state.latest.items():
            first = state.earliest.get(partition, 0)
            behind = max(0, end - max(position.get(partition, 0), first))
            self._behind.labels(str(partition)).set(behind)
            held = state.high_watermark.get(partition, end) - end
            self._held_back.labels(str(partition)).set(max(0, held))
        self._note_seconds()

    def _note_seconds(self) -> None:
        self._seconds.set(self._lag.seconds_behind(self._clock(), self._position()))

    def _position(self) -> dict[int, int]:
        """Return the lake's position in this topic: empty if it is filled from another one."""
        figures = self._figures()
        is_ours = figures.source is not None and figures.source.topic_id == self._topic_id
        return dict(figures.position) if is_ours else {}


class RegistryProbe:
    """Asks the registry for versions that the contract refuses.

    Args:
        metrics: Where the metrics are declared.
        faults: Asks for them.
    """

    def __init__(self, metrics: Metrics, faults: Callable[[], Iterable[str]]) -> None:
        self._faults = faults
        self._up = metrics.gauge(
            "kraken_registry_up", "1 if the schema registry answered the last time, else 0."
        )
        self._refused = metrics.gauge(
            "kraken_registry_refused_versions",
            "Registered schema versions that the contract refuses, or that lack a field of its "
            "newest version. The stream passes them over; `kraken-lake schemas check` names them.",
        )

    def measure(self) -> None:
        """Measure once."""
        try:
            faults = list(self._faults())
        except RegistryError:
            self._up.set(0)
            return
        self._up.set(1)
        self._refused.set(len(faults))


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())
