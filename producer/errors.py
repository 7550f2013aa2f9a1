"""What can go wrong between Kraken and Kafka, divided by what helps.

Kraken's own errors are in `producer.model.venue_errors`, the registry's in `schemas.errors`. If
Kafka does not answer in time, that is `runtime.errors.KafkaUnreachable`, and the process ends.

ProducerError
├── TransientError            the same may succeed a little later, and is retried
│   ├── TransactionInDoubt    a transaction failed, or its outcome is not known
│   ├── VenueStalled          a full page without anything new, so the cursor cannot move
│   └── PairParked            one pair cannot be recorded for now; all others can
└── TerminalError             the process ends: an operator has to act
    ├── SettingsUnusable      settings that contradict each other or the exchange
    ├── TopicUnusable         a topic that is missing, refused or of the wrong kind
    ├── CursorUnusable        a cursor that cannot be read, or is another exchange's
    ├── HoleUnusable          a record in the topic of confirmed holes that is no such hole
    ├── PairStateUnusable     a record in the topic of pair states that is no such state
    ├── TradeUnusable         a trade in Kafka that a cursor cannot be rebuilt from
    ├── SchemaMissing         the registry does not hold the schema that we write
    ├── EncodingFailed        a record that does not fit the schema
    ├── KafkaRefused          Kafka answered with a refusal: rights, quotas, sizes
    ├── PublishingFailed      a transaction failed too often
    ├── ProducerFenced        another producer with our transactional.id took over
    ├── PairClaimed           another producer began to record one of our pairs
    └── VenueGaveUp           Kraken failed too often for a run that is meant to end
"""

__all__ = [
    "CursorUnusable",
    "EncodingFailed",
    "HoleUnusable",
    "KafkaRefused",
    "PairClaimed",
    "PairParked",
    "PairStateUnusable",
    "ProducerError",
    "ProducerFenced",
    "PublishingFailed",
    "SchemaMissing",
    "SettingsUnusable",
    "TerminalError",
    "TopicUnusable",
    "TradeUnusable",
    "TransactionInDoubt",
    "TransientError",
    "VenueGaveUp",
    "VenueStalled",
]


class ProducerError(Exception):
    """Base of all errors between Kraken's answer and Kafka's commit."""


class TransientError(ProducerError):
    """The same work may succeed a little later."""


class TerminalError(ProducerError):
    """The work fails until an operator changes something."""


class TransactionInDoubt(TransientError):
    """A transaction failed or its outcome is not known.

    Opening the transactional id again settles it: Kafka ends the open transaction, and the
    cursors show what was committed.
    """


class VenueStalled(TransientError):
    """Kraken's page is full and holds nothing new, so asking again would give the same page."""


class PairParked(TransientError):
    """One pair cannot be recorded for now, the others can.

    Any code that works on one pair may raise it, from fetching a page to publishing it. The loops
    park that pair alone: `producer.ingest.retry_policy` asks for it again, less and less often,
    and `producer.ingest.parking` reports it in the log and in Kafka.

    Attributes:
        symbol: The pair.
        reason: What happened, as a sentence without its full stop.
        advice: What to do about it.
        new_book: Whether its ids start again: what comes next belongs to another book.
    """

    def __init__(self, symbol: str, reason: str, advice: str, *, new_book: bool = False) -> None:
        super().__init__(f"{symbol}: {reason}; {advice}")
        self.symbol = symbol
        self.reason = reason
        self.advice = advice
        self.new_book = new_book


class SettingsUnusable(TerminalError):
    """The settings contradict each other, or ask for what the exchange does not have."""


class TopicUnusable(TerminalError):
    """A topic could not be created, or an existing one would lose what is written to it."""


class CursorUnusable(TerminalError):
    """A cursor in Kafka cannot be decoded, or belongs to another exchange."""


class HoleUnusable(TerminalError):
    """A record in the topic of confirmed holes cannot be read."""


class PairStateUnusable(TerminalError):
    """A record in the topic of the pairs' states cannot be read."""


class TradeUnusable(TerminalError):
    """A lost cursor cannot be rebuilt, since the newest trade in Kafka cannot be decoded."""


class SchemaMissing(TerminalError):
    """The registry does not hold the schema to write with, and producers register none."""


class EncodingFailed(TerminalError):
    """A record does not fit the schema to write it with."""


class KafkaRefused(TerminalError):
    """Kafka refused, and would refuse again."""


class PublishingFailed(TerminalError):
    """The transaction of one page failed as often as it may be tried."""


class ProducerFenced(TerminalError):
    """Another producer with the same transactional.id has taken over."""


class PairClaimed(TerminalError):
    """Another producer, with its own transactional.id, has begun to record one of our pairs."""


class VenueGaveUp(TerminalError):
    """Kraken failed too often in a row for a run that is meant to end."""
