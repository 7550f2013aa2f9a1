"""Measures lake, broker and registry again and again, for Prometheus."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from infra.monitor.metrics import BrokerProbe, LakeProbe, RegistryProbe
from lake.layout import LakeLayout
from runtime.metrics import Metrics
from runtime.settings import KafkaSettings, RegistrySettings
from runtime.topic_state import TopicClient
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.reader_choice import subjects_faults

__all__ = ["Measure", "measure_until", "probes"]

Measure = Callable[[], None]

log = structlog.get_logger(__name__)

_SLOWER: Final = 4
"""The registry is asked less often than the others: its versions rarely change."""


def probes(
    metrics: Metrics,
    kafka: KafkaSettings,
    registry: RegistrySettings,
    layout: LakeLayout,
    catalog_uri: str = "",
) -> list[tuple[Measure, int]]:
    """Return what to measure, and after how many intervals each time."""
    lake = LakeProbe(metrics, layout, catalog_uri)
    asked, catalogue = Registry(registry), load_catalogue()
    broker = BrokerProbe(metrics, TopicClient(kafka).state, lambda: lake.figures)
    versions = RegistryProbe(metrics, lambda: subjects_faults(catalogue, kafka.topic, asked))
    return [(lake.measure, 1), (broker.measure, 1), (versions.measure, _SLOWER)]


def measure_until(
    stopping: threading.Event, what: Sequence[tuple[Measure, int]], every: float
) -> None:
    """Measure each in a thread of its own until `stopping` is set: one may wait for an answer.

    Args:
        stopping: Ends it.
        what: What to measure, and after how many intervals each time.
        every: Seconds of an interval.
    """
    threads = [
        threading.Thread(target=_repeat, args=(stopping, measure, every * times), daemon=True)
        for measure, times in what
    ]
    for thread in threads:
        thread.start()
    stopping.wait()


def _repeat(stopping: threading.Event, measure: Measure, every: float) -> None:
    while True:
        try:
            measure()
        except Exception:
            # What fails once must not end the measuring of all: the log says what it was.
            log.exception("measuring_failed")
        if stopping.wait(every):
            return
