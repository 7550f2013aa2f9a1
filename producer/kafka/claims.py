"""Which producer records a pair: the one that started last, see docs/adr/0019."""

import os
import platform
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import PairClaimed, TopicUnusable
from producer.kafka.client import KafkaConnection, tail_config
from producer.kafka.client_errors import FORBIDDEN_TO_READ
from producer.kafka.records import Records
from producer.kafka.topic_reader import TopicReader

__all__ = ["Claim", "Claims"]

log = structlog.get_logger()

_MOST_AT_ONCE: Final = 500
_MILLISECONDS: Final = 1000


class Claim(BaseModel):
    """Who records a pair, as JSON under the key of the pair's cursor.

    Attributes:
        run: A name that no other process has.
        transactional_id: Its TRANSACTIONAL_ID.
        host: The name of its host.
        pid: Its process id.
        claimed_at: When it claimed the pair, UTC.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str
    transactional_id: str
    host: str
    pid: int
    claimed_at: datetime

    @classmethod
    def ours(cls, transactional_id: str) -> "Claim":
        """Make this process's claim."""
        return cls(
            run=secrets.token_hex(8),
            transactional_id=transactional_id,
            host=platform.node(),
            pid=os.getpid(),
            claimed_at=datetime.now(UTC),
        )

    def __str__(self) -> str:
        return (
            f"transactional.id {self.transactional_id}, process {self.pid} on {self.host}, "
            f"since {self.claimed_at:%Y-%m-%dT%H:%M:%SZ}"
        )


class Claims:
    """What this producer has claimed, and whether another one has claimed it since.

    The newest claim of a pair counts: the one with the highest offset in the topic's only
    partition. The topic holds nothing but claims, so a consumer that follows it hardly ever
    receives anything.

    Args:
        connection: Opens the consumer.
        topic: The topic of the claims.
        claim: This producer's claim.
    """

    def __init__(self, connection: KafkaConnection, topic: TopicReader, claim: Claim) -> None:
        self._connection = connection
        self._topic = topic
        self._claim = claim
        self._keys: frozenset[bytes] = frozenset()
        self._taken: set[bytes] = set()
        self._tail: Consumer | None = None
        self._logged: set[int] = set()

    def take(self, keys: Sequence[str], write: Callable[[Iterable[Records]], None]) -> None:
        """Claim the pairs of these cursor keys.

        Args:
            keys: See `producer.model.cursor_scope`.
            write: Writes records in one transaction.

        Raises:
            ProducerError, BrokerError: Kafka cannot be used.
        """
        if keys:
            write(self.more(keys))

    def more(self, keys: Sequence[str]) -> list[Records]:
        """Return the claims of further pairs, to be written in one transaction.

        Raises:
            ProducerError: Kafka cannot be used.
        """
        self._follow()
        added = sorted(key.encode() for key in keys)
        self._keys |= frozenset(added)
        value = self._claim.model_dump_json().encode()
        now = int(self._claim.claimed_at.timestamp() * _MILLISECONDS)
        return [Records(self._topic.name, key, [value], now) for key in added]

    def check(self) -> None:
        """Look for a newer claim, without waiting for one.

        Raises:
            PairClaimed: There is a newer claim.
            TopicUnusable: We may not read claims any more.
        """
        if self._tail is not None:
            for message in self._tail.consume(_MOST_AT_ONCE, 0):
                if (error := message.error()) is None:
                    self._note(message)
                else:
                    self._report(error)

    def confirm(self) -> None:
        """Read all claims to the end.

        Raises:
            PairClaimed: The newest claim of a pair is another producer's.
            KafkaUnreachable, TopicUnusable: The claims cannot be read.
        """
        if not self._keys:
            return
        newest: dict[bytes, Claim] = {}
        for key, claim in filter(None, map(self._read, self._topic.read())):
            newest[key] = claim
            if claim.run == self._claim.run:
                self._taken.add(key)
        for key in self._taken & newest.keys():
            if newest[key].run != self._claim.run:
                raise _claimed(key, newest[key])

    def _follow(self) -> None:
        if self._tail is None:
            (end,) = self._topic.ends().values()
            self._tail = self._connection.consumer(tail_config(f"{self._topic.name}.reader"))
            self._tail.assign([TopicPartition(self._topic.name, 0, end)])

    def _report(self, error: KafkaError) -> None:
        """Log an error of the consumer, the first of its kind, or raise if it does not pass."""
        if error.code() in FORBIDDEN_TO_READ:
            raise TopicUnusable(
                f"{self._topic.name} cannot be read any more ({error.str()}), so another producer "
                "of our pairs would go unnoticed: give our user Read on it, and start again"
            )
        if error.code() not in self._logged:
            self._logged.add(error.code())
            log.warning(
                "claims_not_read",
                topic=self._topic.name,
                error=error.str(),
                because="until they are read again, another producer of our pairs goes unnoticed",
            )

    def _note(self, message: Message) -> None:
        read = self._read(message)
        if read is None:
            return
        key, claim = read
        if claim.run == self._claim.run:
            self._taken.add(key)
        elif key in self._taken:
            raise _claimed(key, claim)

    def _read(self, message: Message) -> tuple[bytes, Claim] | None:
        """Read a claim of one of our pairs; None for any other record."""
        key, value = message.key(), message.value()
        if key is None or key not in self._keys or value is None:
            return None
        try:
            return key, Claim.model_validate_json(value)
        except ValidationError:
            return None


def _claimed(key: bytes, claim: Claim) -> PairClaimed:
    return PairClaimed(
        f"{key.decode(errors='replace')} is recorded by another producer too, which started later "
        f"({claim}): this one stops, so that each trade reaches the lake once; give each producer "
        "pairs of its own"
    )
