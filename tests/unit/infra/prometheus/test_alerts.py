"""The alert rules, tested by Prometheus's own tool."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.monitor.exporter import probes
from producer.kept_metrics import KeptMetrics as ProducerMetrics
from runtime.metrics import Metrics
from runtime.settings import KafkaSettings, RegistrySettings
from spark_consumer.kept_metrics import KeptMetrics as StreamMetrics
from tests.engine import ROOT
from tests.unit.lake.lakes import LakeLayout

FOLDER = ROOT / "infra" / "compose" / "prometheus"
RULES = FOLDER / "alerts.yml"
CASES = Path(__file__).with_name("alerts_test.yml")
PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not installed: apt-get install prometheus"
)


def rules() -> list[dict[str, Any]]:
    """All rules."""
    parsed = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in parsed["groups"] for rule in group["rules"]]


def promtool(*arguments: str) -> None:
    """Run promtool; what it says stands in the error if it fails."""
    ended = subprocess.run(
        [str(PROMTOOL), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@needs_promtool
def test_prometheus_takes_the_configuration() -> None:
    """With the rules that it names."""
    promtool("check", "config", str(FOLDER / "prometheus.yml"))


@needs_promtool
def test_each_alert_fires_at_its_fault_and_clears(tmp_path: Path) -> None:
    """By series of numbers: before the fault, during it and after it."""
    cases = tmp_path / CASES.name
    cases.write_text(CASES.read_text(encoding="utf-8").replace("RULES", str(RULES)))
    promtool("test", "rules", str(cases))


def test_no_alert_is_untested() -> None:
    """Each is expected to fire in one case, and not to in another."""
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
    tried = [one for case in cases for one in case["alert_rule_test"]]
    fired = {one["alertname"] for one in tried if one.get("exp_alerts")}
    quiet = {one["alertname"] for one in tried if not one.get("exp_alerts")}
    names = {rule["alert"] for rule in rules()}
    assert fired == quiet == names


def test_alerts_use_metrics_that_exist(tmp_path: Path) -> None:
    """A renamed metric would silence its alert for ever."""
    metrics = Metrics()
    ProducerMetrics(metrics)
    StreamMetrics(metrics, tmp_path)
    probes(metrics, KafkaSettings(), RegistrySettings(), LakeLayout(tmp_path, "KRAKEN"))
    known = {declared.name for declared in metrics.declared}
    text = "".join(f"{rule['expr']} {rule['annotations']['description']}" for rule in rules())
    named = set(re.findall(r"kraken_[a-z_]+", text)) - {"kraken_spark_streaming"}
    assert named - known - {"kraken_lake_maintenance"} == set()
