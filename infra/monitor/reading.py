"""How far the lake is behind Kafka, from the commit log and the broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lake.layout import LakeLayout
from lake.log.commit import Commit, Role
from lake.log.commit_log import CommitLog
from runtime.settings import KafkaSettings
from spark_consumer.kafka.source import source_state

__all__ = ["Reading", "complaint", "take_reading"]


@dataclass(frozen=True)
class Reading:
    """The pipeline at one moment.

    Attributes:
        at: the moment, UTC.
        landed: trades in the lake.
        quarantined: records in quarantine.
        lag: offsets in Kafka that the lake has not reached; the control records of transactions
            are counted among them.
        moved_at: when the stream last committed; None if it never has.
        held_back: partitions with an open transaction: the first offset that waits for it, and
            the one behind the last.
    """

    at: datetime
    landed: int
    quarantined: int
    lag: int
    moved_at: datetime | None
    held_back: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Offsets in Kafka that no reader of committed records is given yet."""
        return sum(end - first for first, end in self.held_back.values())

    def __str__(self) -> str:
        moved = "never" if self.moved_at is None else f"{_seconds(self.at - self.moved_at)} ago"
        sentence = (
            f"{self.landed} trades landed, the last of them {moved}; {self.lag} offsets behind "
            f"Kafka; {self.quarantined} records in quarantine"
        )
        return f"{sentence}; {_line(self)}" if self.held_back else sentence


def take_reading(kafka: KafkaSettings, layout: LakeLayout) -> Reading:
    """Read the commit log and ask the broker.

    Raises:
        BrokerError: the broker does not answer.
        LakeError: the commit log cannot be read.
    """
    topic = source_state(kafka)
    log = CommitLog(layout.commits)
    state = log.state()
    newest = _newest_of_stream(log, state.number)
    return Reading(
        at=datetime.now(UTC),
        landed=state.rows,
        quarantined=state.quarantined_rows,
        lag=topic.lag(state.position),
        moved_at=None if newest is None else newest.committed_at,
        held_back=topic.held_back(),
    )


def _newest_of_stream(log: CommitLog, number: int) -> Commit | None:
    """The stream's last commit: what maintenance commits is no sign of its life."""
    commits = (log.read(at) for at in range(number, 0, -1))
    return next((one for one in commits if one is not None and one.role is Role.STREAM), None)


def complaint(reading: Reading, *, since: datetime, patience: timedelta) -> str | None:
    """Why the stream counts as standing still, if it does.

    With nothing to land there is no reason to move.

    Args:
        reading: now.
        since: when the stream was started: it is not to be blamed for the time before.
        patience: how long it may need for a commit, its start included.
    """
    moved = max(since, reading.moved_at or since)
    still = reading.at - moved
    if still <= patience:
        return None
    if reading.lag == 0 and reading.held_back:
        return (
            f"nothing has landed for {_seconds(still)}: {_line(reading)}. Look for a producer "
            "that was killed or hangs: kafka-transactions.sh describe-producers names it, and "
            "abort ends its transaction. Kafka itself does after transaction.timeout.ms."
        )
    if reading.lag == 0:
        return None
    return (
        f"the stream stands still: {reading.lag} offsets wait in Kafka, and nothing has landed for "
        f"{_seconds(still)}. Look at the log of run_stream and at the Spark master's page: a "
        "stream that waits for executors has lost its workers."
    )


def _line(reading: Reading) -> str:
    """What is waited for, and where."""
    places = ", ".join(
        f"{first} to {end - 1} of partition {partition}"
        for partition, (first, end) in sorted(reading.held_back.items())
    )
    return f"{reading.waiting} offsets wait for a transaction that is still open ({places})"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
