"""A Kafka in memory that honours transactions, and fails on demand."""
# ruff: noqa: ARG002, D102 - FakeProducer's methods are those of confluent-kafka, documented there

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException


class Crash(BaseException):
    """The process is gone, as after kill -9: none of its code runs any more."""


@dataclass
class Stored:
    """A record in the fake log, and the transaction that decides whether it counts."""

    topic: str
    key: bytes
    value: bytes
    timestamp: int
    headers: list[tuple[str, bytes]]
    transaction: int


@dataclass
class Trip:
    """Something that happens at a call: an error, a crash."""

    call: str
    error: BaseException
    passing: int = 0
    times: int = 1
    too_late: bool = False
    """Whether the call has its effect first, and only the answer gets lost."""


@dataclass
class FakeKafka:
    """A broker whose readers see committed records only, as read_committed does."""

    log: list[Stored] = field(default_factory=list)
    committed_transactions: set[int] = field(default_factory=set)
    epochs: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    trips: list[Trip] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    failing_deliveries: list[KafkaError] = field(default_factory=list)
    queue_size: int = 1000
    silent: bool = False
    transactions: int = 0

    def connect(self, transactional_id: str = "id") -> "FakeProducer":
        """Return a producer, as `confluent_kafka.Producer(...)` does for a real broker."""
        return FakeProducer(self, transactional_id)

    def fail(self, call: str, error: BaseException, **when: int) -> None:
        """Make a call fail; `Trip` says when."""
        self.trips.append(Trip(call, error, **when))

    def committed(self, topic: str) -> list[Stored]:
        """What a reader sees."""
        return [
            record
            for record in self.log
            if record.topic == topic and record.transaction in self.committed_transactions
        ]

    def keys_and_values(self, topic: str) -> list[tuple[bytes, bytes | None]]:
        """What a reader of a compacted topic reads."""
        return [(record.key, record.value) for record in self.committed(topic)]

    def commit(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Has another producer write a record."""
        self.transactions += 1
        self.committed_transactions.add(self.transactions)
        self.log.append(Stored(topic, key, value, 0, [], self.transactions))

    def strike(self, call: str) -> None:
        """Raise what `fail` was given for this call, if it is due."""
        if trip := self.trip(call):
            raise trip.error

    def trip(self, call: str) -> Trip | None:
        """Return the failure of this call, if there is one."""
        self.calls.append(call)
        for trip in self.trips:
            if trip.call == call and trip.times:
                if trip.passing:
                    trip.passing -= 1
                    continue
                trip.times -= 1
                return trip
        return None


class FakeProducer:
    """One connection to the fake broker, with the calls that `Transactions` makes."""

    def __init__(self, kafka: FakeKafka, transactional_id: str) -> None:
        self._kafka = kafka
        self._id = transactional_id
        self._epoch: int | None = None
        self._transaction: int | None = None
        self._queue: list[tuple[Stored, Callable[..., None] | None]] = []
        self._undelivered = 0

    def init_transactions(self, timeout: float) -> None:
        def effect() -> None:
            self._kafka.epochs[self._id] += 1
            self._epoch = self._kafka.epochs[self._id]

        self._call("init_transactions", effect, fenced=False)

    def begin_transaction(self) -> None:
        def effect() -> None:
            if self._epoch is None or self._transaction is not None:
                raise KafkaException(KafkaError(KafkaError._STATE))
            self._kafka.transactions += 1
            self._transaction = self._kafka.transactions

        self._call("begin_transaction", effect)

    def produce(  # noqa: PLR0913, PLR0917  as many as confluent-kafka's has, by position
        self,
        topic: str,
        value: bytes,
        key: bytes,
        partition: int,
        callback: None,
        on_delivery: Callable[..., None] | None,
        timestamp: int,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        assert (partition, callback) == (-1, None)
        if len(self._queue) >= self._kafka.queue_size:
            raise BufferError
        assert self._transaction is not None
        record = Stored(topic, key, value, timestamp, [*headers], self._transaction)
        self._call("produce", lambda: self._queue.append((record, on_delivery)))

    def poll(self, timeout: float) -> int:
        self._call("poll", self._deliver)
        return 0

    def flush(self, timeout: float) -> int:
        self._call("flush", self._deliver)
        return len(self._queue)

    def commit_transaction(self, timeout: float) -> None:
        def effect() -> None:
            # None: committed by a call whose answer was late. The next call then just succeeds.
            if self._transaction is None:
                return
            if self._undelivered:
                raise KafkaException(KafkaError(KafkaError._INCONSISTENT, txn_requires_abort=True))
            self._kafka.committed_transactions.add(self._transaction)
            self._transaction = None

        self._call("commit_transaction", effect)

    def _deliver(self) -> None:
        while self._queue and not self._kafka.silent:
            record, on_delivery = self._queue.pop(0)
            error = None
            if self._kafka.failing_deliveries:
                error = self._kafka.failing_deliveries.pop(0)
                self._undelivered += 1
            else:
                self._kafka.log.append(record)
            if on_delivery is not None:
                on_delivery(error, None)

    def _call(self, name: str, effect: Callable[[], None], *, fenced: bool = True) -> None:
        trip = self._kafka.trip(name)
        if trip and not trip.too_late:
            raise trip.error
        if fenced and self._epoch not in (None, self._kafka.epochs[self._id]):
            raise KafkaException(KafkaError(KafkaError._FENCED, fatal=True))
        effect()
        if trip:
            raise trip.error
