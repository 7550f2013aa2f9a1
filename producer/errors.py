"""What can go wrong between Kraken and Kafka, told apart by what helps.

Kraken's own errors are in `producer.model.venue_errors`, the registry's in `schemas.errors`.

ProducerError
├── TransientError            the same may succeed a little later, and is tried again
│   ├── TransactionInDoubt    a transaction failed, or its end is not known
│   ├── VenueStalled         a full page without anything new, so the cursor stands still
│   └── PairParked            one pair cannot be recorded for now; all others can
└── TerminalError             the process ends: somebody has to look
    ├── SettingsUnusable      settings that contradict each other or the exchange
    ├── TopicUnusable         a topic that is missing, refused or of the wrong kind
    ├── CursorUnusable        a cursor that cannot be read, or is another exchange's
    ├── HoleUnusable          a record among the confirmed holes that is none
    ├── PairStateUnusable     a record among the states of pairs that is none
    ├── TradeUnusable         a trade in Kafka that a cursor cannot be rebuilt from
    ├── SchemaMissing         the registry does not hold the schema that we write
    ├── EncodingFailed        a record that does not fit the schema
    ├── KafkaUnavailable      Kafka did not answer for as long as we are willing to wait
    ├── KafkaRefused          Kafka understood and said no: rights, quotas, sizes
    ├── PublishingFailed      a transaction failed again and again
    ├── ProducerFenced        another producer with our transactional.id took over
    ├── PairClaimed           another producer began to record one of our pairs
    └── VenueGaveUp          Kraken failed too often for a run that is meant to end
"""


class ProducerError(Exception):
    """Anything that goes wrong between Kraken's answer and Kafka's commit."""


class TransientError(ProducerError):
    """The same work may succeed a little later."""


class TerminalError(ProducerError):
    """The work fails until somebody changes something."""


class TransactionInDoubt(TransientError):
    """A transaction failed or its outcome is not known.

    Opening the transactional id anew settles it: Kafka ends what was open, and the cursors
    tell what has been committed.
    """


class VenueStalled(TransientError):
    """Kraken's page is full and holds nothing new, so asking on would give the same page."""


class PairParked(TransientError):
    """One pair cannot be recorded for now, the others can.

    It may be raised by anything that works on one pair, from fetching a page to publishing it.
    The loops park that pair alone: `producer.ingest.retry_policy` asks for it again, less and less
    often, and `producer.ingest.parking` says so in the log and in Kafka.

    Attributes:
        symbol: The pair.
        reason: What happened, as a sentence without its full stop.
        advice: What to do about it.
        new_book: Whether its ids begin anew: what comes next belongs to another book.
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
    """A topic could not be created, or one that exists would lose what we write to it."""


class CursorUnusable(TerminalError):
    """A cursor in Kafka cannot be decoded, or belongs to another exchange."""


class HoleUnusable(TerminalError):
    """A record in the topic of confirmed holes cannot be read."""


class PairStateUnusable(TerminalError):
    """A record in the topic of the pairs' states cannot be read."""


class TradeUnusable(TerminalError):
    """A lost cursor cannot be rebuilt, since the newest trade in Kafka cannot be decoded."""


class SchemaMissing(TerminalError):
    """The registry does not hold the schema that we write, and producers do not register."""


class EncodingFailed(TerminalError):
    """A record does not fit the schema that it is to be written with."""


class KafkaUnavailable(TerminalError):
    """Kafka gave no answer within the time that the settings allow."""


class KafkaRefused(TerminalError):
    """Kafka answered, and will answer the same again."""


class PublishingFailed(TerminalError):
    """The transaction of one page failed as often as we are willing to try."""


class ProducerFenced(TerminalError):
    """Another producer with the same transactional.id has taken over."""


class PairClaimed(TerminalError):
    """Another producer, with its own transactional.id, has begun to record one of our pairs."""


class VenueGaveUp(TerminalError):
    """Kraken failed too often in a row for a run that is meant to end."""
