"""A real Prometheus that scrapes the running programs while the stream is stopped."""

import json
import re
import shutil
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.monitor.exporter import measure_until
from infra.monitor.metrics import BrokerProbe, LakeProbe
from lake.layout import LakeLayout
from runtime.metrics import Metrics, MetricsSettings
from runtime.metrics_server import serving
from runtime.topic_state import TopicState
from tests.engine import ROOT
from tests.integration.pipeline.conftest import BIN, running, wait_until
from tests.ports import free_port
from tests.unit.lake.lakes import SOURCE, land

PROMETHEUS = shutil.which("prometheus")
RULES = ROOT / "infra" / "compose" / "prometheus" / "alerts.yml"
TRADES = 1000

pytestmark = [
    pytest.mark.skipif(
        PROMETHEUS is None, reason="prometheus is not installed: apt-get install prometheus"
    ),
    pytest.mark.timeout(1800),
]


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that listens on loopback."""

    port: int

    def ask(self, path: str, **query: str) -> Any:
        """Its answer; None while it has not started."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def value(self, expression: str) -> float | None:
        """The one value of an expression; None if it has none."""
        found = self.ask("query", query=expression)
        return float(found["result"][0]["value"][1]) if found and found["result"] else None

    def fires(self, name: str) -> bool | None:
        """Whether an alert fires; None if Prometheus does not answer."""
        found = self.ask("alerts")
        if found is None:
            return None
        return any(
            one["labels"]["alertname"] == name and one["state"] == "firing"
            for one in found["alerts"]
        )


def impatient_rules(folder: Path) -> Path:
    """The rules as they are, except that seconds take the place of minutes."""
    text = re.sub(r"for: \d+m", "for: 2s", RULES.read_text(encoding="utf-8"))
    text, changed = re.subn(r"> 120$", "> 3", text, flags=re.MULTILINE)
    text = text.replace("> 120)", "> 3)")
    assert changed
    path = folder / "alerts.yml"
    path.write_text(text)
    return path


@contextmanager
def prometheus(folder: Path, ports: Mapping[str, int]) -> Iterator[Prometheus]:
    """Scrape these programs, by name, every two seconds."""
    config = folder / "prometheus.yml"
    config.write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "2s", "evaluation_interval": "1s"},
                "rule_files": [str(impatient_rules(folder))],
                "scrape_configs": [
                    {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
                    for name, port in ports.items()
                ],
            }
        )
    )
    port = free_port()
    command = (
        str(PROMETHEUS),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with running(*command, environment={}, log=folder / "prometheus.log"):
        yield Prometheus(port)


def test_an_alert_fires_while_the_stream_is_stopped_and_clears_when_it_runs(
    lake_environment: dict[str, str], tmp_path: Path
) -> None:
    """Trades come and nothing lands; then all have landed, and every program counts the same."""
    ports = {name: free_port() for name in ("producer", "stream", "monitor")}
    settings = {
        name: {**lake_environment, "METRICS_PORT": str(port)} for name, port in ports.items()
    }
    python = (sys.executable, "-m")
    with ExitStack() as at_end:

        def start(name: str, *command: str) -> None:
            log = tmp_path / f"{name}.log"
            at_end.enter_context(running(*command, environment=settings[name], log=log))

        start("producer", *python, "producer")
        start("monitor", *python, "infra.monitor", "metrics", "--every", "0.5")
        watcher = at_end.enter_context(prometheus(tmp_path, ports))
        wait_until(
            lambda: watcher.value("sum(kraken_producer_trades_total)") == TRADES,
            "all trades are in Kafka",
            tmp_path,
        )
        for alert in ("NothingLands", "ProgramDown"):
            wait_until(lambda alert=alert: watcher.fires(alert), f"{alert} fires", tmp_path)
        assert watcher.value("sum(kraken_lake_offsets_behind)")
        assert watcher.value("kraken_lake_trades") == 0
        assert watcher.value("kraken_broker_up") == watcher.value("kraken_registry_up") == 1

        start("stream", str(BIN / "spark-submit"), "spark_consumer/main.py")
        newest = "kraken_producer_newest_trade_timestamp_seconds"
        for expression, expected in {
            'sum(kraken_stream_trades_total{symbol="BTC/USDT"})': TRADES,
            'sum(kraken_producer_trades_total{symbol="BTC/USDT",feed="REST"})': TRADES,
            "kraken_lake_trades": TRADES,
            "sum(kraken_lake_offsets_behind)": 0,
            "kraken_stream_newest_trade_timestamp_seconds": watcher.value(newest),
            "kraken_stream_commit_number - on () kraken_lake_commit_number": 0,
        }.items():
            wait_until(
                lambda expression=expression, expected=expected: (
                    watcher.value(expression) == expected
                ),
                f"{expression} is {expected}",
                tmp_path,
            )
        assert watcher.value('kraken_stream_batch_phase_seconds_sum{phase="task"}')
        for alert in ("NothingLands", "ProgramDown"):
            wait_until(
                lambda alert=alert: watcher.fires(alert) is False, f"{alert} clears", tmp_path
            )


def test_the_rules_fire_and_clear_in_a_real_prometheus(tmp_path: Path) -> None:
    """The monitor's own numbers of a real lake; only the topic is made up: it has grown by five."""
    layout, ports = LakeLayout(tmp_path / "data", "KRAKEN"), {"monitor": free_port()}
    land(layout, range(1, 11))
    grown = TopicState("c1", "kraken.trades", SOURCE.topic_id, {0: 0}, {0: 15}, {0: 15})
    metrics, stopping = Metrics(), threading.Event()
    lake = LakeProbe(metrics, layout)
    broker = BrokerProbe(metrics, lambda: grown, lambda: lake.figures)
    measuring = threading.Thread(
        target=measure_until, args=(stopping, [(lake.measure, 1), (broker.measure, 1)], 0.2)
    )
    with (
        serving(metrics, MetricsSettings(port=ports["monitor"])),
        prometheus(tmp_path, ports) as watcher,
    ):
        measuring.start()
        try:
            wait_until(lambda: watcher.fires("NothingLands"), "the alert fires", tmp_path)
            assert watcher.value("sum(kraken_lake_offsets_behind)") == 5
            land(layout, range(11, 16))
            wait_until(lambda: watcher.fires("NothingLands") is False, "it clears", tmp_path)
            assert watcher.value("kraken_lake_trades") == 15
        finally:
            stopping.set()
            measuring.join()
