"""How far the lake is behind Kafka, from the commit log and the broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.log.folded_commits import newest_time
from runtime.settings import KafkaSettings
from spark_consumer.kafka.source_state import source_state

__all__ = ["Reading", "complaint", "take_reading"]


@dataclass(frozen=True)
class Reading:
    """The pipeline at one moment.

    Attributes:
        at: When it was taken, UTC.
        landed: Trades that have landed, those that were retired since included.
        quarantined: Records in quarantine.
        lag: Offsets in Kafka that the lake has not reached, control records of transactions
            included.
        moved_at: When the stream last committed; None if it never has.
        held_back: For each partition with an open transaction, the first offset that waits for it
            and the offset after the last.
    """

    at: datetime
    landed: int
    quarantined: int
    lag: int
    moved_at: datetime | None
    held_back: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Offsets in Kafka that readers of committed records do not get yet."""
        return sum(end - first for first, end in self.held_back.values())

    def __str__(self) -> str:
        moved = "never" if self.moved_at is None else f"{_seconds(self.at - self.moved_at)} ago"
        summary = (
            f"{self.landed} trades landed, the last of them {moved}; {self.lag} offsets behind "
            f"Kafka; {self.quarantined} records in quarantine"
        )
        return f"{summary}; {_waiting(self)}" if self.held_back else summary


def take_reading(kafka: KafkaSettings, layout: LakeLayout) -> Reading:
    """Read the commit log and ask the broker.

    Raises:
        BrokerError: The broker does not answer.
        LakeError: The commit log cannot be read.
    """
    topic = source_state(kafka)
    log = CommitLog(layout.commits)
    state = log.state()
    return Reading(
        at=datetime.now(UTC),
        landed=state.landed_rows,
        quarantined=state.quarantined_rows,
        lag=topic.lag(state.position),
        # A commit of maintenance does not show that the stream runs.
        moved_at=newest_time(log, Role.STREAM, state.number),
        held_back=topic.held_back(),
    )


def complaint(reading: Reading, *, since: datetime, patience: timedelta) -> str | None:
    """Return why the stream counts as standing still, or None.

    A stream with nothing to land does not stand still.

    Args:
        reading: The reading now.
        since: When the stream was started. The time before does not count.
        patience: How long the stream may need for a commit, its start included.
    """
    moved = max(since, reading.moved_at or since)
    still = reading.at - moved
    if still <= patience:
        return None
    if reading.lag == 0 and reading.held_back:
        return (
            f"nothing has landed for {_seconds(still)}: {_waiting(reading)}. Look for a producer "
            "that was killed or hangs: kafka-transactions.sh describe-producers names it, and "
            "abort ends its transaction. Kafka ends it by itself after transaction.timeout.ms."
        )
    if reading.lag == 0:
        return None
    return (
        f"the stream stands still: {reading.lag} offsets wait in Kafka, and nothing has landed for "
        f"{_seconds(still)}. Look at the log of run_stream and at the Spark master's page: a "
        "stream that waits for executors has lost its workers. `kraken-lake console` shows the "
        "steps on its page Pipeline, and `make spark-submit` lands by hand what waits."
    )


def _waiting(reading: Reading) -> str:
    """Return a clause that says how many offsets wait, and where."""
    places = ", ".join(
        f"{first} to {end - 1} of partition {partition}"
        for partition, (first, end) in sorted(reading.held_back.items())
    )
    return f"{reading.waiting} offsets wait for a transaction that is still open ({places})"


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.0f} s"
