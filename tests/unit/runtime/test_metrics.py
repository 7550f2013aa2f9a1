import socket
import urllib.request
from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from runtime.metrics import Metrics, MetricsSettings
from runtime.metrics_server import serving
from runtime.settings import validation_message
from tests.ports import free_port


@pytest.fixture
def metrics() -> Metrics:
    """Metrics with one counter, at 3."""
    made = Metrics()
    made.counter("kraken_things_total", "Things.", "symbol").labels("BTC/USD").inc(3)
    return made


def scraped(port: int) -> str:
    """What Prometheus gets."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_metrics_are_served_on_loopback_until_the_end(metrics: Metrics) -> None:
    """Ours, and those of the process; afterwards the port is free again."""
    port = free_port()
    with serving(metrics, MetricsSettings(port=port)):
        text = scraped(port)
    assert 'kraken_things_total{symbol="BTC/USD"} 3.0' in text
    assert "process_cpu_seconds_total" in text
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_in_use_is_logged_and_had_when_it_is_free(
    metrics: Metrics, taken: socket.socket
) -> None:
    """The program runs on, and serves its metrics once the other has ended."""
    port: int = taken.getsockname()[1]
    with capture_logs() as logs, serving(metrics, MetricsSettings(port=port), try_again_after=0.01):
        (line,) = [line for line in logs if line["event"] == "metrics_not_served"]
        assert line["address"] == f"127.0.0.1:{port}"
        assert "in use" in line["because"]
        assert "METRICS_PORT of its own" in line["advice"]
        taken.close()
        while not any(line["event"] == "metrics_served" for line in logs):
            pass
        assert "kraken_things_total" in scraped(port)
    assert sum(line["event"] == "metrics_not_served" for line in logs) == 1


def test_the_end_does_not_wait_for_a_port(metrics: Metrics, taken: socket.socket) -> None:
    """A program that never got it ends at once."""
    port: int = taken.getsockname()[1]
    with serving(metrics, MetricsSettings(port=port), try_again_after=3600):
        pass


def test_metrics_are_off_and_local_by_default() -> None:
    """They need no login."""
    assert MetricsSettings().port is None
    assert MetricsSettings().host == "127.0.0.1"
    assert not MetricsSettings.off().port


def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its variable."""
    monkeypatch.setenv("METRICS_PORT", "70000")
    with pytest.raises(ValidationError) as raised:
        MetricsSettings()
    assert validation_message(raised.value).startswith("METRICS_PORT: Input should be less than")


def test_a_view_is_read_when_it_is_asked_for() -> None:
    """Nothing before it is connected; after a change of what it reads, the second try counts."""
    metrics = Metrics()
    view = metrics.view("kraken_held", "Held.", "symbol")
    assert metrics.registry.get_sample_value("kraken_held", {"symbol": "A"}) is None
    tries: list[int] = []

    def read() -> dict[str, float]:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("dictionary changed size during iteration")
        return {"A": 7}

    view.follow(read)
    assert metrics.registry.get_sample_value("kraken_held", {"symbol": "A"}) == 7
    assert len(tries) == 2
