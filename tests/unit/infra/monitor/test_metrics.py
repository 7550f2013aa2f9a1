import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.monitor.kafka_lag import KafkaLag
from infra.monitor.lake_figures import LakeFigures
from infra.monitor.metrics import BrokerProbe, LakeProbe, RegistryProbe
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot, save_snapshot
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import sync
from lake.verify.verification import verify
from lake.verify.verified_record import record_verification
from runtime.errors import KafkaUnreachable, TopicMissing
from runtime.metrics import Metrics
from runtime.topic_state import TopicState
from schemas.errors import RegistryUnavailable
from tests.unit.lake.lakes import AT, SOURCE, compact, files, land, quarantine
from tests.unit.lake.retiring import lake_of_hours, retire

IN_THE_HOUR = AT + timedelta(minutes=30)
LATER = AT + timedelta(hours=2)


@pytest.fixture
def layout(tmp_path: Path) -> LakeLayout:
    """An empty lake."""
    return LakeLayout(tmp_path / "data", "KRAKEN")


@pytest.fixture
def metrics() -> Metrics:
    """A program's metrics."""
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One number, as Prometheus gets it."""
    return metrics.registry.get_sample_value(f"kraken_{name}", labels)


def counted(figures: LakeFigures, now: datetime) -> dict[str, int]:
    """Files by state."""
    figures.follow()
    return {state: size.files for state, size in figures.sizes(now).items()}


def test_files_are_counted_by_state(layout: LakeLayout) -> None:
    """Of an hour that is not over, of a closed one with several files, and of a compacted one."""
    figures = LakeFigures(layout)
    land(layout, range(1, 11), range(11, 21))
    assert counted(figures, IN_THE_HOUR) == {"open_hour": 2, "not_compacted": 0, "compacted": 0}
    assert counted(figures, LATER) == {"open_hour": 0, "not_compacted": 2, "compacted": 0}
    compact(layout)
    assert counted(figures, LATER) == {"open_hour": 0, "not_compacted": 0, "compacted": 1}
    land(layout, range(21, 31))
    assert counted(figures, LATER) == {"open_hour": 0, "not_compacted": 2, "compacted": 0}
    assert figures.trades == 30
    on_disk = sum(path.stat().st_size for path in files(layout))
    assert sum(size.bytes for size in figures.sizes(LATER).values()) == on_disk


def test_who_begins_late_counts_the_same(layout: LakeLayout) -> None:
    """From a snapshot and the commits after it, or from all commits one by one."""
    early = LakeFigures(layout)
    early.follow()
    land(layout, range(1, 11), range(11, 21))
    save_snapshot(layout, read_snapshot(layout))
    quarantine(layout, [(b"k", b"v")])
    compact(layout)
    late = LakeFigures(layout)
    assert counted(early, LATER) == counted(late, LATER)
    for name in ("trades", "quarantined", "commit", "committed_at", "source", "position"):
        assert getattr(early, name) == getattr(late, name), name
    newest = CommitLog(layout.commits).read(late.commit)
    assert newest is not None
    assert late.committed_at != newest.committed_at  # maintenance does not show that a stream runs


@pytest.mark.parametrize("begins_late", [False, True])
def test_retired_trades_are_counted_apart(
    layout: LakeLayout,
    begins_late: bool,  # noqa: FBT001 - the case
) -> None:
    """They are no longer in the lake; what has landed does not shrink."""
    lake_of_hours(layout, 15, 16, 17)
    figures = LakeFigures(layout)
    if not begins_late:
        figures.follow()
    retire(layout, AT.replace(hour=17))
    assert counted(figures, LATER) == {"open_hour": 0, "not_compacted": 0, "compacted": 1}
    assert (figures.trades, figures.retired) == (20, 40)
    state = CommitLog(layout.commits).state()
    assert (state.rows, state.landed_rows) == (20, 60)


def test_a_lake_is_measured(layout: LakeLayout, metrics: Metrics) -> None:
    """With nothing in it, with trades, and with a verification."""
    probe = LakeProbe(metrics, layout)
    probe.measure()
    assert value(metrics, "lake_trades") == 0
    assert value(metrics, "lake_commit_timestamp_seconds") == 0
    assert value(metrics, "lake_verification_timestamp_seconds") == 0
    land(layout, [1, 2, 5])
    record_verification(layout, verify(layout), LATER)
    probe.measure()
    assert value(metrics, "lake_readable") == 1
    assert value(metrics, "lake_trades") == 3
    assert value(metrics, "lake_commit_number") == 1
    assert value(metrics, "lake_problems", kind="suspected gap") == 1
    assert value(metrics, "lake_problems", kind="missing file") == 0
    assert value(metrics, "lake_missing_trades", symbol="BTC/USD") == 2
    assert value(metrics, "lake_verification_timestamp_seconds") == LATER.timestamp()
    free, size = value(metrics, "lake_disk_free_bytes"), value(metrics, "lake_disk_size_bytes")
    assert free
    assert size
    assert free < size


def test_a_table_is_measured_while_there_is_one(layout: LakeLayout, metrics: Metrics) -> None:
    """How far it is behind, and whether it can be read; nothing before it is made."""
    probe = LakeProbe(metrics, layout)
    land(layout, range(1, 11))
    probe.measure()
    behind = {"name": "lake_table_commits_behind", "format": "delta"}
    assert value(metrics, **behind) is None
    sync(layout, DeltaTable(layout), LATER)
    probe.measure()
    assert value(metrics, **behind) == 0
    assert value(metrics, "lake_table_behind_seconds", format="delta") == 0
    land(layout, range(11, 21), range(21, 31))
    probe.measure()
    assert value(metrics, **behind) == 2
    assert value(metrics, "lake_table_behind_seconds", format="delta")
    (newest,) = (layout.base / "_delta_log").glob("*.json")
    newest.write_text("{")
    probe.measure()
    assert value(metrics, "lake_table_readable", format="delta") == 0
    shutil.rmtree(newest.parent)
    probe.measure()
    assert value(metrics, "lake_table_readable", format="delta") is None
    assert value(metrics, "lake_readable") == 1


def test_a_damaged_log_is_seen_and_so_is_its_repair(layout: LakeLayout, metrics: Metrics) -> None:
    """The measuring goes on, and counts nothing twice afterwards."""
    probe = LakeProbe(metrics, layout)
    land(layout, range(1, 11), range(11, 21))
    probe.measure()
    land(layout, range(21, 31))
    newest = CommitLog(layout.commits).path(3)
    content = newest.read_bytes()
    newest.write_bytes(b"{")
    probe.measure()
    assert value(metrics, "lake_readable") == 0
    newest.write_bytes(content)
    probe.measure()
    assert value(metrics, "lake_readable") == 1
    assert value(metrics, "lake_trades") == 30


def topic(end: int, *, topic_id: str = SOURCE.topic_id, held: int = 0) -> TopicState:
    """A topic of one partition that ends there."""
    return TopicState("c1", "kraken.trades", topic_id, {0: 0}, {0: end}, {0: end + held})


def test_the_lag_is_what_has_not_landed(layout: LakeLayout, metrics: Metrics) -> None:
    """In offsets, and in seconds since they were first seen in Kafka; 0 once they have landed."""
    figures, answers, now = LakeFigures(layout), [topic(10, held=4)], [0.0]
    probe = BrokerProbe(metrics, lambda: answers[0], lambda: figures, lambda: now[0])
    probe.measure()
    assert value(metrics, "lake_offsets_behind", partition="0") == 10
    assert value(metrics, "lake_offsets_held_back", partition="0") == 4
    now[0], answers[0] = 60.0, topic(15)
    probe.measure()
    assert value(metrics, "lake_behind_seconds") == 60
    land(layout, range(1, 11))
    figures.follow()
    now[0] = 70.0
    probe.measure()
    assert value(metrics, "lake_offsets_behind", partition="0") == 5
    assert value(metrics, "lake_behind_seconds") == 10
    land(layout, range(11, 16))
    figures.follow()
    probe.measure()
    assert value(metrics, "lake_behind_seconds") == 0


def test_a_topic_of_another_kafka_has_all_before_it(layout: LakeLayout, metrics: Metrics) -> None:
    """The lake's position says nothing about it."""
    land(layout, range(1, 11))
    figures = LakeFigures(layout)
    figures.follow()
    BrokerProbe(metrics, lambda: topic(7, topic_id="t2"), lambda: figures).measure()
    assert value(metrics, "lake_offsets_behind", partition="0") == 7


@pytest.mark.parametrize(("error", "up"), [(KafkaUnreachable("away"), 0), (TopicMissing("no"), 1)])
def test_a_broker_that_does_not_answer_is_down(
    layout: LakeLayout, metrics: Metrics, error: Exception, up: int
) -> None:
    """One that has no such topic yet is not."""

    def state() -> TopicState:
        raise error

    BrokerProbe(metrics, state, lambda: LakeFigures(layout)).measure()
    assert value(metrics, "broker_up") == up


def test_versions_that_the_contract_refuses_are_counted(metrics: Metrics) -> None:
    """While the registry is down, the last answer stands."""
    answers: list[list[str] | None] = [["version 3 is refused"], None, []]

    def faults() -> list[str]:
        answer = answers.pop(0)
        if answer is None:
            raise RegistryUnavailable("away")
        return answer

    probe = RegistryProbe(metrics, faults)
    found = []
    for _ in range(3):
        probe.measure()
        found.append((value(metrics, "registry_up"), value(metrics, "registry_refused_versions")))
    assert found == [(1, 1), (0, 1), (1, 0)]


def test_a_partition_that_stands_still_keeps_one_sample() -> None:
    """The memory of a quiet topic does not grow."""
    lag = KafkaLag()
    for second in range(1000):
        lag.sample(second, {0: 5})
    assert lag.seconds_behind(1000.0, {}) == 1000
    assert len(lag._samples[0]) == 1
