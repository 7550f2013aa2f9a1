"""The work that every producer gets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.data.pages import Answer

__all__ = ["EXCHANGE", "Producing", "Work"]

EXCHANGE = "KRAKEN"

Producing = Callable[[], int]
"""Produces all of it; returns how many records Kafka has acknowledged."""


@dataclass(frozen=True)
class Work:
    """Kraken's answers, and the topic that their trades go to.

    Attributes:
        turns: One page of each pair, then the next one of each, and so on.
        topic: A topic that nothing else writes to, its schemas registered.
        bootstrap_servers: Kafka.
        registry_url: The schema registry.
    """

    turns: Sequence[Sequence[Answer]]
    topic: str
    bootstrap_servers: str
    registry_url: str
