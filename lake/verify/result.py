"""What a verification finds: figures that stand, and problems that do not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lake.id_ranges import Run
from lake.verify.known_ids import ParkedPair

__all__ = [
    "CandleProof",
    "HourRows",
    "Problem",
    "ProblemKind",
    "SymbolProof",
    "Unproved",
    "Verification",
]


class ProblemKind(StrEnum):
    """What can be wrong with a lake."""

    MISSING_COMMIT = "missing commit"
    UNREADABLE_COMMIT = "unreadable commit"
    WRONG_SUMMARY = "wrong summary"
    UNFINISHED = "unfinished commit"
    MISSING_FILE = "missing file"
    EXTRA_FILE = "extra file"
    WRONG_SIZE = "wrong size"
    UNREADABLE = "unreadable"
    WRONG_ROW_COUNT = "wrong row count"
    CHANGED = "changed content"
    WRONG_FOLDER = "rows in the wrong folder"
    DUPLICATES = "duplicates"
    WRONG_IDS = "other ids than committed"
    LEFT_OUT = "fields left out"
    SUSPECTED_GAP = "suspected gap"
    OPEN_GAP = "open gap"
    IN_QUARANTINE = "in quarantine"
    OTHER_CANDLE = "another candle"
    OTHER_SOURCE = "another Kafka"
    BEYOND_END = "position beyond the end"
    DELETED = "deleted before landing"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: what.
        where: the file, relative to BASE_OUTPUT_PATH, the symbol, its minute, or the partition.
        advice: what is known of it, and what to do about it.
    """

    kind: ProblemKind
    where: str
    advice: str


@dataclass(frozen=True)
class HourRows:
    """The trades of one pair in one hour of event time, UTC."""

    hour: datetime
    trades: int


@dataclass(frozen=True)
class SymbolProof:
    """The trades of one pair.

    Attributes:
        symbol: canonical: BTC/USD.
        trades: rows, as a reader counts them who merely lists files.
        first_id: the lowest trade id.
        last_id: the highest.
        duplicates: rows whose trade is in another row too.
        missing: runs of ids between the first and the last that have not landed, less those that
            the exchange confirmed not to exist, and dead letters.
        confirmed: how many ids are missing since the exchange itself does not have them.
        hours: the rows per hour, oldest first.
        dead_letters: runs of ids whose rows the exchange sent, and that are no trade.
    """

    symbol: str
    trades: int
    first_id: int
    last_id: int
    duplicates: int
    missing: tuple[Run, ...]
    confirmed: int
    hours: tuple[HourRows, ...]
    dead_letters: tuple[Run, ...] = ()


@dataclass(frozen=True)
class CandleProof:
    """The minutes of one pair that were held against the exchange's candles.

    Attributes:
        symbol: canonical.
        minutes: how many the lake holds of those that the exchange tells of.
        first: the first one, UTC; None if there is none.
        last: the last one.
    """

    symbol: str
    minutes: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Unproved:
    """A pair that was to be held against the exchange's candles, and could not be.

    Attributes:
        symbol: canonical.
        reason: why not, a sentence.
    """

    symbol: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        commits: the newest commit counted in.
        files: files that make up the lake, of trades and in quarantine.
        quarantined: records in quarantine.
        symbols: the trades, per pair.
        problems: all that is wrong.
        candles: what was compared with the exchange's candles, per pair, where it was asked.
        behind: offsets in Kafka that have not landed; None where it was not asked.
        silent: who was to be asked and did not answer, a sentence each.
        unproved: pairs of which nothing could be held against the exchange.
        waiting: offsets in Kafka that a transaction holds back which its producer has not ended;
            they are not among those behind. None where it was not asked.
        parked: pairs that the recorder cannot record for now.
    """

    commits: int
    files: int
    quarantined: int
    symbols: tuple[SymbolProof, ...]
    problems: tuple[Problem, ...]
    candles: tuple[CandleProof, ...] = ()
    behind: int | None = None
    silent: tuple[str, ...] = ()
    unproved: tuple[Unproved, ...] = ()
    waiting: int | None = None
    parked: tuple[ParkedPair, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems
