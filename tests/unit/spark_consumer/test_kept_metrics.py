from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.log.commit import Commit
from lake.log.commit_log import CommitLog
from runtime.metrics import Metrics, MetricsSettings
from spark_consumer.decode.reasons import Reason
from spark_consumer.kept_metrics import PHASES, KeptMetrics, open_metrics
from spark_consumer.metrics import NO_METRICS
from tests.unit.lake.lakes import AT, land, quarantine
from tests.unit.lake.retiring import lake_of_hours, land_hour, retire


@dataclass
class Steps:
    """A clock that a test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@dataclass
class Metered:
    """The stream's metrics on a clock and a lake of the test's own."""

    layout: LakeLayout
    clock: Steps = field(default_factory=Steps)
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.kept = KeptMetrics(self.metrics, self.layout.base, self.clock)

    def value(self, name: str, **labels: str) -> float | None:
        """One number, as Prometheus gets it."""
        return self.metrics.registry.get_sample_value(f"kraken_stream_{name}", labels)

    def commits(self) -> list[Commit]:
        """What is in the lake's log."""
        return list(CommitLog(self.layout.commits).commits())

    def batch(self, commit: Commit) -> None:
        """A batch that takes 2 s to stage, 1.5 s of it in tasks, and 0.25 s to commit."""
        self.kept.began()
        self.clock.now += 2
        self.kept.staged(1.5)
        self.clock.now += 0.25
        self.kept.landed(commit)


@pytest.fixture
def metered(tmp_path: Path) -> Metered:
    """An empty lake."""
    return Metered(LakeLayout(tmp_path, "KRAKEN"))


def test_a_landed_batch_is_counted(metered: Metered) -> None:
    """Trades by pair, files, bytes, the commit, and the newest trade, which never goes back."""
    land(metered.layout, range(1, 101))
    land(metered.layout, range(101, 111), at=AT - timedelta(seconds=60))
    first, second = metered.commits()
    metered.batch(first)
    metered.batch(second)
    assert metered.value("trades_total", symbol="BTC/USD") == 110
    assert metered.value("files_total") == 2
    assert metered.value("bytes_total") == first.files[0].bytes + second.files[0].bytes
    assert metered.value("commit_number") == 2
    assert metered.value("commit_timestamp_seconds") == second.committed_at.timestamp()
    assert metered.value("newest_trade_timestamp_seconds") == AT.timestamp() + 99


def test_retired_trades_that_come_again_are_counted_among_the_duplicates(metered: Metered) -> None:
    """And by themselves: a backfill that brings nothing back shows here."""
    lake_of_hours(metered.layout, 15, 16, 17)
    retire(metered.layout, AT.replace(hour=17))
    land_hour(metered.layout, 16, range(31, 51))
    log = CommitLog(metered.layout.commits)
    commit = log.read(log.state().number)
    assert commit is not None
    metered.kept.landed(commit)
    assert metered.value("duplicates_total") == 20
    assert metered.value("retired_duplicates_total") == 10


def test_duplicates_are_counted_apart(metered: Metered) -> None:
    """They are no trades of the batch."""
    land(metered.layout, range(1, 11), range(6, 13))
    for commit in metered.commits():
        metered.batch(commit)
    assert metered.value("duplicates_total") == 5
    assert metered.value("trades_total", symbol="BTC/USD") == 12


def test_the_phases_of_a_batch_add_up(metered: Metered) -> None:
    """wait, plan, task and commit; the first batch has waited for nothing."""
    land(metered.layout, range(1, 11), range(11, 21))
    first, second = metered.commits()
    metered.batch(first)
    metered.clock.now += 0.3
    metered.batch(second)
    sums = {name: metered.value("batch_phase_seconds_sum", phase=name) for name in PHASES}
    expected = {"wait": 0.3, "plan": 1.0, "task": 3.0, "commit": 0.5}
    assert sums == pytest.approx(expected)
    assert metered.value("batch_phase_seconds_count", phase="wait") == 1
    assert metered.value("batch_phase_seconds_count", phase="commit") == 2


@pytest.mark.parametrize(("told", "task"), [(-3.0, 0.0), (99.0, 2.0)])
def test_clocks_that_differ_make_no_impossible_times(
    metered: Metered, told: float, task: float
) -> None:
    """An executor's clock may be off; no phase is negative, none longer than the batch."""
    land(metered.layout, range(1, 11))
    metered.kept.began()
    metered.clock.now += 2
    metered.kept.staged(told)
    metered.kept.landed(metered.commits()[0])
    assert metered.value("batch_phase_seconds_sum", phase="task") == task
    assert metered.value("batch_phase_seconds_sum", phase="plan") == 2.0 - task


def test_a_batch_that_failed_is_counted_when_it_has_landed(metered: Metered) -> None:
    """It was staged twice, and counts once."""
    land(metered.layout, range(1, 11))
    metered.kept.began()
    metered.clock.now += 1
    metered.kept.staged(0.5)
    assert metered.value("batch_phase_seconds_count", phase="task") == 0
    metered.batch(metered.commits()[0])
    assert metered.value("trades_total", symbol="BTC/USD") == 10
    assert metered.value("batch_phase_seconds_sum", phase="task") == 1.5


def test_quarantined_records_are_counted_by_reason(metered: Metered) -> None:
    """Every reason is there from the start, at 0; one that is none of ours is `unknown`."""
    quarantine(metered.layout, [(b"k", b"v"), (b"k", b"w")])
    (commit,) = metered.commits()
    assert {metered.value("quarantined_total", reason=one.value) for one in Reason} == {0}
    metered.batch(commit)
    assert metered.value("quarantined_total", reason="no magic byte") == 2
    assert metered.value("quarantined_total", reason="unknown") == 0


def test_a_quarantine_file_that_is_gone_stops_nothing(metered: Metered) -> None:
    """A replay may have removed it since; its records count as `unknown`."""
    quarantine(metered.layout, [(b"k", b"v")])
    (commit,) = metered.commits()
    for file in metered.layout.quarantine.iterdir():
        file.unlink()
    metered.batch(commit)
    assert metered.value("quarantined_total", reason="unknown") == 1


def test_without_a_port_nothing_is_kept(tmp_path: Path) -> None:
    """The stream then reports to nobody."""
    with open_metrics(MetricsSettings.off(), tmp_path) as metrics:
        assert metrics is NO_METRICS
