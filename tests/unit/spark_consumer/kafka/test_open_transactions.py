"""When the stream reports a transaction that holds records back."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from runtime.topic_state import TopicState
from spark_consumer.kafka.open_transactions import OpenTransactions, watched


@dataclass
class Broker:
    """A partition whose last stable offset and high watermark a test sets."""

    stable: int = 8
    end: int = 8
    now: float = 0.0
    asked: list[Mapping[int, int]] = field(default_factory=list)

    def state(self) -> TopicState:
        """As the broker tells it."""
        return TopicState("c", "t", "i", {0: 0}, {0: self.stable}, {0: self.end})

    def producers(self, first_offsets: Mapping[int, int]) -> Mapping[int, str]:
        """One producer has them all open."""
        self.asked.append(first_offsets)
        return {0: "kraken.trades.producer"}


def test_a_lasting_transaction_is_logged_repeatedly_and_at_its_end() -> None:
    """Short ones are normal; a long one is reported with its place, number and producer."""
    broker = Broker()
    watch = OpenTransactions(broker.state, broker.producers, clock=lambda: broker.now)
    said: list[tuple[float, str]] = []
    with structlog.testing.capture_logs() as logs:
        broker.end = 108
        for second in range(0, 60, 5):
            broker.now = second
            if second == 50:
                broker.stable = 108
            watch.look()
            said += [(second, entry["log_level"]) for entry in logs[len(said) :]]
    assert said == [(10, "warning"), (40, "warning"), (50, "info")]
    assert broker.asked == [{0: 8}, {0: 8}]
    first = logs[0]
    assert (first["committed_offset"], first["waiting"]) == (8, 100)
    assert (first["producer"], first["seconds"]) == ("kraken.trades.producer", 10)


def test_transactions_one_after_another_are_not_a_hanging_one() -> None:
    """Each begins at another offset, so something is always open and nothing hangs."""
    broker = Broker()
    watch = OpenTransactions(broker.state, broker.producers, clock=lambda: broker.now)
    with structlog.testing.capture_logs() as logs:
        for second in range(0, 120, 5):
            broker.now, broker.stable, broker.end = second, 8 + second, 20 + second
            watch.look()
    assert not logs


def test_a_question_under_way_is_waited_for_at_the_end() -> None:
    """What it is asked of is closed behind the block, and must not be in use then."""
    begun, answer = threading.Event(), threading.Event()
    ended = []

    def state() -> TopicState:
        begun.set()
        answer.wait(30)
        ended.append(True)
        return TopicState("c", "t", "i", {}, {})

    with watched(OpenTransactions(state, lambda _: {}), every=0.001):
        assert begun.wait(30)
        threading.Timer(0.05, answer.set).start()
    assert ended
