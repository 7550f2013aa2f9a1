"""How long records have waited in Kafka, from samples of its end offsets."""

from collections import deque
from collections.abc import Mapping
from typing import Final

__all__ = ["KafkaLag"]

_MOST_SAMPLES: Final = 20_000
"""Per partition: three and a half days at one sample in fifteen seconds."""


class KafkaLag:
    """Remembers when each partition had grown beyond which offset.

    Kafka does not say when the record at an offset was committed, and a trade's own time may be
    years ago: a backfill brings old trades. So a record's wait begins with the sample that first
    showed it, and is too short by up to one interval.
    """

    def __init__(self) -> None:
        self._samples: dict[int, deque[tuple[float, int]]] = {}

    def sample(self, now: float, ends: Mapping[int, int]) -> None:
        """Note the end offset of each partition at a time, seconds on any clock."""
        for partition, end in ends.items():
            samples = self._samples.setdefault(partition, deque(maxlen=_MOST_SAMPLES))
            if not samples or end > samples[-1][1]:
                samples.append((now, end))

    def seconds_behind(self, now: float, position: Mapping[int, int]) -> float:
        """Return how long the oldest record that has not landed has waited; 0 if there is none.

        Args:
            now: The time, on the same clock.
            position: The next offset to land, per partition.
        """
        longest = 0.0
        for partition, samples in self._samples.items():
            while samples and samples[0][1] <= position.get(partition, 0):
                samples.popleft()
            if samples:
                longest = max(longest, now - samples[0][0])
        return longest
