"""A program's metrics for Prometheus: their names, what they mean, and where they are read.

Labels are bounded: a pair, a partition, a word of a fixed list. Ids, offsets and texts of errors
are never labels.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.environment import EnvironmentSettings

__all__ = ["Declared", "Metrics", "MetricsSettings", "View"]

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""The buckets of every duration."""
_TRIES: Final = 3


class MetricsSettings(EnvironmentSettings):
    """Where a program's metrics can be read. Variables: METRICS_PORT and METRICS_HOST.

    Attributes:
        port: METRICS_PORT. Empty or 0: the program keeps no metrics. Each program on one machine
            needs a port of its own.
        host: METRICS_HOST, the address to listen on. Metrics need no login: anything but the
            loopback address shows them to the network.
    """

    model_config = SettingsConfigDict(env_prefix="METRICS_")

    port: Annotated[int | None, Field(ge=0, le=65535)] = None
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"

    @classmethod
    def off(cls) -> "MetricsSettings":
        """Return the settings of a program that keeps no metrics."""
        return cls(port=0)


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric, as the documentation lists it.

    Attributes:
        name: The name, with its unit.
        kind: counter, gauge or histogram.
        text: What it is.
        labels: The names of its labels.
    """

    name: str
    kind: str
    text: str
    labels: tuple[str, ...]


class View(Collector):
    """A gauge that is read when Prometheus asks, and costs nothing until then.

    Args:
        declared: The metric; it has at most one label.
    """

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._read: Callable[[], Mapping[str, float]] = dict

    def follow(self, read: Callable[[], Mapping[str, float]]) -> None:
        """Read from here from now on: the values by label; without a label, by any one key."""
        self._read = read

    def describe(self) -> list[GaugeMetricFamily]:
        """Return the metric without values, for the registry."""
        return [self._family()]

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the values now; none if what they are read from changes all the time."""
        family = self._family()
        for _ in range(_TRIES):
            # Another thread may add to a dictionary while this one goes through it.
            with suppress(RuntimeError):
                for label, value in self._read().items():
                    family.add_metric([label] if self._declared.labels else [], value)
                break
        return [family]

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            self._declared.name, self._declared.text, labels=self._declared.labels
        )


class Metrics:
    """The metrics of one program.

    Attributes:
        registry: What Prometheus gets.
        declared: Every metric of ours, in the order of declaration.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.declared: list[Declared] = []
        # CPU, memory, open files and start time: process_cpu_seconds_total and others.
        ProcessCollector(registry=self.registry)

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Declare a number that only grows, and begins at 0 with the program."""
        return Counter(*self._declare("counter", name, text, labels), registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        """Declare a number that goes up and down."""
        return Gauge(*self._declare("gauge", name, text, labels), registry=self.registry)

    def seconds(self, name: str, text: str, *labels: str) -> Histogram:
        """Declare durations in seconds: how many, their sum, and how many in each bucket."""
        declared = self._declare("histogram", name, text, labels)
        return Histogram(*declared, registry=self.registry, buckets=SECONDS)

    def view(self, name: str, text: str, *labels: str) -> View:
        """Declare a gauge that is read when Prometheus asks."""
        self._declare("gauge", name, text, labels)
        view = View(self.declared[-1])
        self.registry.register(view)
        return view

    def _declare(
        self, kind: str, name: str, text: str, labels: Sequence[str]
    ) -> tuple[str, str, Sequence[str]]:
        self.declared.append(Declared(name, kind, text, tuple(labels)))
        return name, text, labels
