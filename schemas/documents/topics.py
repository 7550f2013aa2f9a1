"""What each topic of the platform holds, in words, for the AsyncAPI document.

Only the trades and the cursors are Avro under a contract; the others are JSON, read by the
platform's own programs and by people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["JSON_TYPES", "TOPICS", "TopicDoc"]

CLEANUP_DELETE = "delete"
CLEANUP_COMPACT = "compact"

_MISSING_IDS = {
    "exchange": "The venue's name in capitals.",
    "symbol": "The canonical symbol.",
    "first_trade_id": "The first id that is missing.",
    "last_trade_id": "The last one.",
    "near": "The exchange's cursor at the trade before them, nanoseconds as text.",
    "asked": "How many of the scheduled requests were answered without them.",
    "ask_at": "When the next request is due, UTC; null after the last.",
}
"""What open gaps and confirmed holes have in common."""

JSON_TYPES: Mapping[str, str | Sequence[str]] = {
    "first_trade_id": "integer",
    "last_trade_id": "integer",
    "asked": "integer",
    "ask_at": ("string", "null"),
    "new_book": "boolean",
    "symbols": "array",
    "pid": "integer",
}
"""The fields of JSON values that are not text, with their JSON types."""


@dataclass(frozen=True)
class TopicDoc:
    """One topic.

    Attributes:
        role: What it is called here: `trades`.
        suffix: What follows KAFKA_TOPIC in its name.
        summary: What it holds, in a sentence.
        key: What the keys of its records are.
        key_example: One of them.
        cleanup: Kafka's cleanup.policy.
        record: The catalogue's name for its values' record; empty if they are JSON.
        headers: The Kafka headers that its records may have, each with its meaning.
        fields: The fields of JSON values, each with its meaning.
    """

    role: str
    suffix: str
    summary: str
    key: str
    key_example: str
    cleanup: str
    record: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def name(self, trades: str) -> str:
        """Return the topic's name.

        Args:
            trades: The topic of the trades, KAFKA_TOPIC.
        """
        return f"{trades}{self.suffix}"


TOPICS = (
    TopicDoc(
        "trades",
        "",
        "Every trade once. A pair's trades are in the order of ids, except those fetched late.",
        "The canonical symbol as UTF-8, so that one pair stays in order in one partition.",
        "BTC/USD",
        CLEANUP_DELETE,
        record="trade",
        headers={
            "lane": "`backfill` on trades that were fetched late. They do not show how far live "
            "recording has come."
        },
    ),
    TopicDoc(
        "cursors",
        ".cursors",
        "How far the producer has come with each pair, written in the transaction of the trades.",
        "The canonical symbol, or `backfill/SYMBOL/FROM/TO` for a backfill.",
        "BTC/USD",
        CLEANUP_COMPACT,
        record="cursor",
    ),
    TopicDoc(
        "dead_letter",
        ".dead-letter",
        "Rows from the exchange that are not valid trades, as the JSON that it sent.",
        "The canonical symbol.",
        "BTC/USD",
        CLEANUP_DELETE,
        headers={
            "reason": "Why the row is not a trade.",
            "exchange": "The venue's name in capitals.",
            "symbol": "The canonical symbol.",
            "trade_id": "The row's trade id, if it has one.",
        },
    ),
    TopicDoc(
        "holes",
        ".holes",
        "Trade ids that the exchange does not have, as repeated requests showed.",
        "`SYMBOL/FIRST-LAST`; a record without a value revokes a hole.",
        "BTC/USD/101-103",
        CLEANUP_COMPACT,
        fields={
            **_MISSING_IDS,
            "confirmed_at": "When the exchange last answered without them, UTC.",
        },
    ),
    TopicDoc(
        "gaps",
        ".gaps",
        "Trade ids that are missing and are still being requested.",
        "`SYMBOL/FIRST-LAST`; a record without a value ends a gap, filled or confirmed.",
        "BTC/USD/101-103",
        CLEANUP_COMPACT,
        fields={
            **_MISSING_IDS,
            "found_at": "When the gap was found, UTC.",
        },
    ),
    TopicDoc(
        "pairs",
        ".pairs",
        "Pairs that cannot be recorded for now. A record without a value means that the pair is "
        "recorded again.",
        "The canonical symbol.",
        "BTC/USD",
        CLEANUP_COMPACT,
        fields={
            "status": "`parked`.",
            "reason": "Why the pair is not recorded.",
            "advice": "What to do about it.",
            "parked_at": "Since when, UTC.",
            "new_book": "Whether its ids start again, which has to be accepted.",
        },
    ),
    TopicDoc(
        "markets",
        ".markets",
        "Which symbols each of the exchange's markets has been recorded under.",
        "The exchange's own key of the market.",
        "XXBTZUSD",
        CLEANUP_COMPACT,
        fields={
            "exchange": "The venue's name in capitals.",
            "key": "The exchange's own key of the market.",
            "symbols": "The symbols that it was recorded under, the newest last.",
            "rules": "`KRAKEN_PAIR` of the producer that recorded it, if that holds rules.",
        },
    ),
    TopicDoc(
        "claims",
        ".claims",
        "Which producer records a pair: the newest claim counts.",
        "The key of its cursor: the canonical symbol, or `backfill/SYMBOL/FROM/TO`.",
        "BTC/USD",
        CLEANUP_COMPACT,
        fields={
            "run": "A name that is unique to the process.",
            "transactional_id": "The producer's `TRANSACTIONAL_ID`.",
            "host": "The host that it runs on.",
            "pid": "Its process id.",
            "claimed_at": "Since when, UTC.",
        },
    ),
)
