"""Logs what the stream waits for while a transaction stays open.

A reader of committed records gets nothing from the first offset of an open transaction on, not even
other producers' committed records. A producer that was killed leaves its transaction open until it
is back or Kafka aborts the transaction after `transaction.timeout.ms`.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from runtime.errors import BrokerError
from runtime.topic_state import TopicState

__all__ = ["OpenTransactions", "watched"]

_LOOK_EVERY: Final = 5.0
_ENDS_WITHIN: Final = 5.0
"""Seconds to wait at the end for a running request; an unreachable broker takes longer."""
log = structlog.get_logger(__name__)

NameProducers = Callable[[Mapping[int, int]], Mapping[int, str]]
"""Maps the partition and first offset of an open transaction to the producer that opened it."""


@dataclass
class OpenTransactions:
    """Notices transactions that stay open, and logs them until they end.

    Attributes:
        state: asks the broker for the topic's state.
        producers: names the producers; it leaves out those that it cannot name.
        patience: seconds for which a transaction may be open before it is logged.
        again: seconds until the same one is logged again.
        clock: returns the time in seconds.
    """

    state: Callable[[], TopicState]
    producers: NameProducers
    patience: float = 10.0
    again: float = 30.0
    clock: Callable[[], float] = time.monotonic
    _open: dict[int, "_Open"] = field(default_factory=dict)

    def look(self) -> None:
        """Ask once, and log what has been open for too long or has ended.

        Raises:
            BrokerError: The broker does not answer.
        """
        state, now = self.state(), self.clock()
        held_back = state.held_back
        for partition, known in list(self._open.items()):
            if held_back.get(partition, (None,))[0] != known.first:
                del self._open[partition]
                if known.said_at is not None:
                    log.info(
                        "transaction ended", partition=partition, seconds=round(now - known.since)
                    )
        for partition, (first, _) in held_back.items():
            self._open.setdefault(partition, _Open(first, now))
        due = {at: one for at, one in self._open.items() if self._is_due(one, now)}
        if not due:
            return
        names = self.producers({partition: one.first for partition, one in due.items()})
        for partition, one in due.items():
            one.said_at = now
            log.warning(
                "records wait for a transaction that is still open",
                topic=state.topic,
                partition=partition,
                committed_offset=one.first,
                waiting=held_back[partition][1] - one.first,
                seconds=round(now - one.since),
                producer=names.get(partition, "unknown"),
            )

    def _is_due(self, one: "_Open", now: float) -> bool:
        if one.said_at is None:
            return now - one.since >= self.patience
        return now - one.said_at >= self.again


@dataclass
class _Open:
    first: int
    since: float
    said_at: float | None = None


@contextmanager
def watched(transactions: OpenTransactions, every: float = _LOOK_EVERY) -> Iterator[None]:
    """Call `look` at this interval, in seconds, while the block runs.

    If the broker does not answer, the stream itself reports that.
    """
    ending = threading.Event()

    def look() -> None:
        while not ending.wait(every):
            try:
                transactions.look()
            except BrokerError as error:
                log.debug("open transactions are not known", reason=str(error))

    thread = threading.Thread(target=look, name="open-transactions", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        # Its clients must not be closed, and Spark's JVM must not end, during a request.
        thread.join(_ENDS_WITHIN)
