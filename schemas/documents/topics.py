"""What stands in each topic of the platform, in words: for the AsyncAPI document.

Only the trades and the cursors are Avro under a contract; the others are JSON, read by the
platform's own programs and by people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLEANUP_DELETE = "delete"
CLEANUP_COMPACT = "compact"

_MISSING_IDS = {
    "exchange": "The venue's name in capitals.",
    "symbol": "The canonical symbol.",
    "first_trade_id": "The first id that is missing.",
    "last_trade_id": "The last one.",
    "near": "The exchange's cursor at the trade before them, nanoseconds as text.",
    "asked": "How many questions of the schedule were answered without them.",
    "ask_at": "When the next question is due, UTC; null after the last.",
}
"""What open gaps and confirmed holes have in common."""


@dataclass(frozen=True)
class TopicDoc:
    """One topic.

    Attributes:
        role: What it is called here: `trades`.
        suffix: What follows KAFKA_TOPIC in its name.
        summary: What it holds, in a sentence.
        key: What the records' keys are.
        key_example: One of them.
        cleanup: Kafka's cleanup.policy.
        record: The record of the catalogue that its values are; empty for JSON.
        headers: The Kafka headers that may be there, each with its meaning.
        fields: Of JSON values: each field with its meaning.
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
        """The topic's name, after that of the trades."""
        return f"{trades}{self.suffix}"


TOPICS = (
    TopicDoc(
        "trades",
        "",
        "Every trade, once, in the order of its book within a pair.",
        "The canonical symbol as UTF-8, so that one pair stays in order in one partition.",
        "BTC/USD",
        CLEANUP_DELETE,
        record="trade",
        headers={
            "lane": "`backfill` on trades that were fetched late: no position is read off them."
        },
    ),
    TopicDoc(
        "cursors",
        ".cursors",
        "How far the producer has come with each pair, written in the transaction of the trades.",
        "The symbol; of a backfill `backfill/SYMBOL/FROM/TO`.",
        "BTC/USD",
        CLEANUP_COMPACT,
        record="cursor",
    ),
    TopicDoc(
        "dead_letter",
        ".dead-letter",
        "Rows that the exchange sent and that are no valid trade, as the JSON that it sent.",
        "The canonical symbol.",
        "BTC/USD",
        CLEANUP_DELETE,
        headers={
            "reason": "Why the row is no trade.",
            "exchange": "The venue's name in capitals.",
            "symbol": "The canonical symbol.",
            "trade_id": "The row's trade id, where it has one.",
        },
    ),
    TopicDoc(
        "holes",
        ".holes",
        "Trade ids that the exchange was asked for again and does not have.",
        "`SYMBOL/FIRST-LAST`; a record without a value revokes a hole.",
        "BTC/USD/101-103",
        CLEANUP_COMPACT,
        fields={
            **_MISSING_IDS,
            "confirmed_at": "When the last question before it was answered, UTC.",
        },
    ),
    TopicDoc(
        "gaps",
        ".gaps",
        "Trade ids that are missing and still being asked for.",
        "`SYMBOL/FIRST-LAST`; a record without a value ends a gap, filled or confirmed.",
        "BTC/USD/101-103",
        CLEANUP_COMPACT,
        fields={
            **_MISSING_IDS,
            "found_at": "When it showed, UTC.",
        },
    ),
    TopicDoc(
        "pairs",
        ".pairs",
        "Pairs that cannot be recorded for now; a record without a value says that one goes on.",
        "The canonical symbol.",
        "BTC/USD",
        CLEANUP_COMPACT,
        fields={
            "status": "`parked`.",
            "reason": "Why the pair is not recorded.",
            "advice": "What to do about it.",
            "parked_at": "Since when, UTC.",
            "new_book": "Whether its ids begin anew, which has to be accepted.",
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
            "symbols": "What it was recorded as, the newest last.",
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
            "run": "A name that no other process has.",
            "transactional_id": "The producer's `TRANSACTIONAL_ID`.",
            "host": "Where it runs.",
            "pid": "As which process.",
            "claimed_at": "Since when, UTC.",
        },
    ),
)
