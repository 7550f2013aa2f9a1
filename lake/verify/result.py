"""The result of a verification: figures and problems."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lake.id_ranges import Run
from lake.verify.missing_id_reasons import ParkedPair

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
    OTHER_FIGURES = "other figures than committed"
    LEFT_OUT = "fields left out"
    SUSPECTED_GAP = "suspected gap"
    OPEN_GAP = "open gap"
    IN_QUARANTINE = "in quarantine"
    OTHER_CANDLE = "another candle"
    OTHER_SOURCE = "another Kafka"
    BEYOND_END = "position beyond the end"
    DELETED = "deleted before landing"
    WRONG_TABLE = "table differs"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: the kind of problem.
        where: the file relative to BASE_OUTPUT_PATH, the symbol, its minute, or the partition.
        advice: what is known about it, and what to do.
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
        symbol: the canonical symbol: BTC/USD.
        trades: rows, as counted by a reader that merely lists files.
        first_id: the lowest trade id that has landed, retired ones included.
        last_id: the highest.
        duplicates: rows whose trade is in another row too.
        missing: ranges of ids between the first and the last that have not landed, without
            confirmed holes and dead letters.
        confirmed: how many ids are missing because the exchange itself does not have them.
        hours: the rows per hour, oldest first.
        dead_letters: ranges of ids whose rows the exchange sent but that are not trades.
        retired: ranges of ids whose trades have landed and were retired.
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
    retired: tuple[Run, ...] = ()


@dataclass(frozen=True)
class CandleProof:
    """The minutes of one pair that were compared with the exchange's candles.

    Attributes:
        symbol: the canonical symbol.
        minutes: how many were compared: those that the candles cover and the lake holds in full.
        first: the first one, UTC; None if there is none.
        last: the last one.
    """

    symbol: str
    minutes: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Unproved:
    """A pair that could not be compared with the exchange's candles although it should have been.

    Attributes:
        symbol: the canonical symbol.
        reason: why not, as a sentence.
    """

    symbol: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """The result of a verification.

    Attributes:
        commits: the newest commit that was read.
        files: how many files make up the lake, of trades and in quarantine.
        quarantined: records in quarantine.
        symbols: the trades, per pair.
        problems: everything that is wrong.
        candles: what was compared with the exchange's candles, per pair, if it was asked.
        behind: offsets in Kafka that have not landed; None if Kafka was not asked.
        silent: a sentence for each question that got no answer.
        unproved: pairs that could not be compared with the exchange.
        waiting: offsets in Kafka that wait behind an open transaction; `behind` does not count
            them. None if Kafka was not asked.
        parked: pairs that the recorder cannot record for now.
        files_read: how many of the files were read.
        files_known: how many were not, since a former verification proved them and nothing about
            them has changed.
        not_kept: why the next verification has to read the files again, as a sentence; None if it
            need not.
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
    files_read: int = 0
    files_known: int = 0
    not_kept: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems
