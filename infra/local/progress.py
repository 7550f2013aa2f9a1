"""How fast the pipeline runs, and how far the lake lags behind Kafka."""

import time
from dataclasses import dataclass

from lake.errors import CommitsFolded
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit_log import CommitLog
from lake.log.source_state import SourceState
from runtime.errors import BrokerError
from runtime.settings import KafkaSettings
from spark_consumer.kafka.source_state import source_state

__all__ = ["Meter", "Reading"]


@dataclass(frozen=True)
class Reading:
    """The pipeline at one moment.

    Attributes:
        landed: Trades that have landed, those that were retired since included.
        quarantined: Records in quarantine.
        lag: Offsets in Kafka that the lake has not reached, control records of transactions
            included.
        rate: Trades landed a second since the previous reading.
        waiting: Further offsets, which wait for a transaction that is still open.
    """

    landed: int
    quarantined: int
    lag: int
    rate: float
    waiting: int = 0

    def __str__(self) -> str:
        waiting = f", {self.waiting} wait for an open transaction" if self.waiting else ""
        return (
            f"{self.landed} trades landed, {self.rate:.1f}/s, "
            f"{self.lag} offsets behind Kafka, {self.quarantined} in quarantine{waiting}"
        )


class Meter:
    """Reads the commit log and the topic, which the pipeline itself relies on."""

    def __init__(self, kafka: KafkaSettings, layout: LakeLayout) -> None:
        self._kafka = kafka
        self._log = CommitLog(layout.commits)
        self._state = LogCheckpoint()
        self._at = time.monotonic()

    def topic(self) -> SourceState | None:
        """Return the topic's offsets; None while there is no topic."""
        try:
            return source_state(self._kafka)
        except BrokerError:
            return None

    def read(self) -> Reading:
        """Return the state of the pipeline now."""
        before, at = self._state.landed_rows, time.monotonic()
        first = self._state.number == 0
        self._state = self._caught_up(self._state)
        topic = self.topic()
        reading = Reading(
            landed=self._state.landed_rows,
            quarantined=self._state.quarantined_rows,
            lag=topic.lag(self._state.position) if topic else 0,
            rate=0.0 if first else (self._state.landed_rows - before) / (at - self._at),
            waiting=sum(end - at for at, end in topic.held_back().values()) if topic else 0,
        )
        self._at = at
        return reading

    def _caught_up(self, state: LogCheckpoint) -> LogCheckpoint:
        """Return the state after the newest commit; read only the commits since."""
        if not state.number:
            return self._log.state()
        try:
            return state.apply_all(self._log.commits(after=state.number))
        except CommitsFolded:
            return self._log.state()
