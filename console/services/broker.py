"""Kafka's offsets of the topic, and how fast they grow."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from runtime.topic_state import TopicState

__all__ = ["BrokerReading", "BrokerWatch"]


@dataclass(frozen=True)
class BrokerReading:
    """The topic now.

    Attributes:
        state: its offsets.
        rate: offsets a second since the reading before; None for the first one.
        still: for how many seconds no reading has shown a new offset; 0 for the first one.
    """

    state: TopicState
    rate: float | None
    still: float = 0.0


class BrokerWatch:
    """Reads the topic's state, and compares it with the time before.

    Args:
        read: asks the broker.
    """

    def __init__(self, read: Callable[[], TopicState]) -> None:
        self._read = read
        self._before: tuple[float, int, str] | None = None
        self._grew_at = 0.0

    def __call__(self) -> BrokerReading:
        """Ask the broker.

        Raises:
            BrokerError: It did not answer, or has no such topic.
        """
        state = self._read()
        now, end = time.monotonic(), sum(state.high_watermark.values())
        before, self._before = self._before, (now, end, state.topic_id)
        if before is None or before[2] != state.topic_id or now <= before[0]:
            self._grew_at = now
            return BrokerReading(state, None)
        if end > before[1]:
            self._grew_at = now
        rate = max(0, end - before[1]) / (now - before[0])
        return BrokerReading(state, rate, now - self._grew_at)
