"""What docs/metrics.md says, held against the code."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from infra.monitor.exporter import probes
from lake.layout import LakeLayout
from producer.kept_metrics import KeptMetrics as ProducerMetrics
from runtime.metrics import Declared, Metrics
from runtime.settings import KafkaSettings, RegistrySettings
from spark_consumer.kept_metrics import KeptMetrics as StreamMetrics
from tests.engine import ROOT

DOCUMENT = ROOT / "docs" / "metrics.md"
NOWHERE = Path("/nowhere")
LABELS = {"symbol", "feed", "endpoint", "kind", "phase", "reason", "state", "partition", "format"}
"""All of them are bounded: none is an id, an offset or a text."""


def of_monitor(metrics: Metrics) -> object:
    """Declare the monitor's metrics."""
    layout = LakeLayout(NOWHERE, "KRAKEN")
    return probes(metrics, KafkaSettings(), RegistrySettings(), layout)


PROGRAMS: dict[str, Callable[[Metrics], object]] = {
    "Producer": ProducerMetrics,
    "Stream": lambda metrics: StreamMetrics(metrics, NOWHERE),
    "Lake, broker and registry": of_monitor,
}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    """The heading of a program's metrics."""
    name: str = request.param
    return name


def declared(program: str) -> list[Declared]:
    """The metrics of a program."""
    metrics = Metrics()
    PROGRAMS[program](metrics)
    return metrics.declared


def test_every_metric_is_documented(program: str) -> None:
    """Name, kind, labels and meaning, in the order of the code, and no other."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.partition(f"\n## {program}\n")[2].partition("\n## ")[0]
    shown = [line for line in section.splitlines() if line.startswith("| `")]
    assert shown == [
        f"| `{one.name}` | {one.kind} | {', '.join(one.labels)} | {one.text} |"
        for one in declared(program)
    ]


def test_names_follow_the_conventions_of_prometheus(program: str) -> None:
    """One prefix, base units, `_total` for counters alone; labels from a fixed list."""
    for one in declared(program):
        assert re.fullmatch(
            r"kraken_(producer|backfill|stream|lake|broker|registry)_[a-z_]+", one.name
        )
        assert one.name.endswith("_total") == (one.kind == "counter"), one.name
        assert one.kind != "histogram" or one.name.endswith("_seconds"), one.name
        assert "timestamp" not in one.name or one.name.endswith("_timestamp_seconds"), one.name
        assert not re.search(r"_(ms|millis|micros|kb|mb|percent)(_|$)", one.name), one.name
        assert one.text.endswith("."), one.name
        assert set(one.labels) <= LABELS


def test_every_alert_is_documented() -> None:
    """In the order of the rules."""
    rules = yaml.safe_load((ROOT / "infra/compose/prometheus/alerts.yml").read_text("utf-8"))
    names = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    section = (
        DOCUMENT.read_text(encoding="utf-8").partition("\n## Alerts\n")[2].partition("\n## ")[0]
    )
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    assert [name for line in lines for name in re.findall(r"`([A-Z]\w+)`", line)] == names
