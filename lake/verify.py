"""The proof that a lake is whole: its files against its commit log, and its trades by their ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake.checksum import checksum
from lake.commit import DataFile, QuarantineFile
from lake.commit_log import CommitLog
from lake.intervals import IdRuns, Run
from lake.layout import LakeLayout, symbol_from_folder
from lake.snapshot import read_snapshot

__all__ = ["Problem", "ProblemKind", "SymbolProof", "Verification", "verify"]

_HOLES = Mapping[str, Iterable[Run]]


class ProblemKind(StrEnum):
    """What can be wrong with a lake."""

    MISSING_FILE = "missing file"
    EXTRA_FILE = "extra file"
    WRONG_SIZE = "wrong size"
    UNREADABLE = "unreadable"
    WRONG_ROW_COUNT = "wrong row count"
    CHANGED = "changed content"
    WRONG_FOLDER = "rows in the wrong folder"
    DUPLICATES = "duplicates"
    WRONG_IDS = "other ids than committed"
    SUSPECTED_GAP = "suspected gap"


_DAMAGE = {ProblemKind.UNREADABLE, ProblemKind.WRONG_SIZE, ProblemKind.CHANGED}
"""A file with such a problem is not read further."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: what.
        where: the file, relative to BASE_OUTPUT_PATH, or the symbol.
        advice: what to do about it.
    """

    kind: ProblemKind
    where: str
    advice: str


@dataclass(frozen=True)
class SymbolProof:
    """The trades of one pair.

    Attributes:
        symbol: canonical: BTC/USD.
        trades: rows, as a reader counts them who merely lists files.
        first_id: the lowest trade id.
        last_id: the highest.
        hours: hours of event time with trades in them.
        missing: runs of ids between the first and the last that are not there, less those that
            the exchange confirmed not to exist.
    """

    symbol: str
    trades: int
    first_id: int
    last_id: int
    hours: int
    missing: tuple[Run, ...]


@dataclass(frozen=True)
class Verification:
    """What was found."""

    commits: int
    files: int
    quarantined: int
    symbols: tuple[SymbolProof, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(layout: LakeLayout, confirmed_holes: _HOLES | None = None) -> Verification:
    """Look at every file and every trade id.

    Args:
        layout: the lake.
        confirmed_holes: runs of ids that the exchange said do not exist, per symbol folder.

    Raises:
        LakeDamaged: the commit log itself is unreadable or has a gap.
    """
    state = CommitLog(layout.commits).state()
    snapshot = read_snapshot(layout)
    committed: list[DataFile | QuarantineFile] = [
        *snapshot.files.values(),
        *snapshot.quarantined.values(),
    ]
    problems: list[Problem] = []
    for file in committed:
        problems += _file_problems(layout.base / file.path, file)
    known = {layout.base / file.path for file in committed}
    problems += [
        Problem(
            ProblemKind.EXTRA_FILE,
            layout.relative(path),
            "No commit names it, so that readers see what has not landed: move it away.",
        )
        for path in sorted(layout.trades.rglob("*"))
        if path.is_file() and path not in known
    ]
    damaged = {p.where for p in problems if p.kind in _DAMAGE}
    readable = [
        path
        for path in sorted(layout.trades.rglob("*.parquet"))
        if layout.relative(path) not in damaged and _rows(path) is not None
    ]
    symbols, in_rows = _row_problems(readable, state.landed, confirmed_holes or {})
    return Verification(
        commits=state.number,
        files=len(committed),
        quarantined=state.quarantined_rows,
        symbols=symbols,
        problems=problems + in_rows,
    )


def _file_problems(path: Path, file: DataFile | QuarantineFile) -> list[Problem]:
    """What is wrong with one committed file; the first thing found names it."""
    restore = "Restore it from a copy of the lake."
    if not path.exists():
        return [Problem(ProblemKind.MISSING_FILE, file.path, restore)]
    problems = []
    if (size := path.stat().st_size) != file.bytes:
        told = f"{size} bytes where {file.bytes} were committed. {restore}"
        problems.append(Problem(ProblemKind.WRONG_SIZE, file.path, told))
    elif file.checksum and checksum(path) != file.checksum:
        told = f"The size is right, the content is not. {restore}"
        problems.append(Problem(ProblemKind.CHANGED, file.path, told))
    rows = _rows(path)
    if rows is None:
        problems.append(Problem(ProblemKind.UNREADABLE, file.path, f"No Parquet. {restore}"))
    elif rows != file.rows:
        told = f"{rows} rows where {file.rows} were committed. {restore}"
        problems.append(Problem(ProblemKind.WRONG_ROW_COUNT, file.path, told))
    return problems


def _rows(path: Path) -> int | None:
    """How many rows a file has by its footer; None where it has none."""
    try:
        return pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowInvalid):
        return None


_ROWS = """
    SELECT symbol, count(*), count(DISTINCT trade_id), min(trade_id), max(trade_id),
           count(DISTINCT (year, month, day, hour)),
           count(*) FILTER (
               year(executed_at) <> year OR month(executed_at) <> month
               OR day(executed_at) <> day OR hour(executed_at) <> hour
           )
    FROM read_parquet(?, hive_partitioning = true, union_by_name = true,
                      hive_types = {year: BIGINT, month: BIGINT, day: BIGINT, hour: BIGINT,
                                    symbol: VARCHAR})
    GROUP BY symbol ORDER BY symbol
"""


def _row_problems(
    paths: list[Path], landed: Mapping[str, IdRuns], confirmed: _HOLES
) -> tuple[tuple[SymbolProof, ...], list[Problem]]:
    """Per symbol what a directory reader sees, and what is wrong with it."""
    rows = []
    if paths:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.execute(_ROWS, [[str(path) for path in paths]]).fetchall()
    symbols, problems = [], []
    for folder, trades, distinct, first_id, last_id, hours, misplaced in rows:
        symbol = symbol_from_folder(folder)
        committed = landed.get(folder, IdRuns())
        covered = IdRuns([*committed, *confirmed.get(folder, ())])
        symbols.append(SymbolProof(symbol, trades, first_id, last_id, hours, tuple(covered.gaps())))
        found = {
            ProblemKind.DUPLICATES: (trades - distinct, "rows have an id that came before"),
            ProblemKind.WRONG_FOLDER: (misplaced, "rows are of another hour than their folder's"),
            ProblemKind.WRONG_IDS: (
                abs(distinct - len(committed)),
                "ids more or fewer than were committed",
            ),
        }
        problems += [
            Problem(kind, symbol, f"{count} {what}; the files named above say where.")
            for kind, (count, what) in found.items()
            if count
        ]
        problems += [
            Problem(
                ProblemKind.SUSPECTED_GAP,
                symbol,
                f"trade ids {first} to {last} are missing; fetch them again.",
            )
            for first, last in covered.gaps()
        ]
    return tuple(symbols), problems
