"""The proof that a lake is whole: its files against its commit log, and its trades by their ids.

The lake may be written meanwhile: what is proved is its state at the newest commit found at the
beginning.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.candle_audit import CANDLE_COLUMNS, audit_candles
from lake.commit import Commit, DataFile
from lake.commit_log import CommitLog
from lake.completeness import prove_symbols
from lake.errors import LakeBusy, LakeMissing
from lake.file_audit import FileAudit, audit_file, is_readable, listed
from lake.layout import LakeLayout, hour_of_path, symbol_from_folder, symbol_of_path
from lake.log_audit import LogAudit, audit_log
from lake.proof import Problem, ProblemKind, Verification
from lake.publishing import is_prepared
from lake.row_audit import read_rows, row_problems
from lake.snapshot import Snapshot
from lake.source_audit import audit_source, position
from lake.source_state import SourceState
from lake.witnesses import NOBODY, Witnesses

__all__ = ["verify"]

_ATTEMPTS = 5
"""How often to begin anew when compaction replaces files while they are read."""
_PUBLISHING_PATIENCE = 5.0
"""Seconds that the newest commit may take to bring its files into place."""


def verify(layout: LakeLayout, witnesses: Witnesses = NOBODY) -> Verification:
    """Look at every commit, every file and every trade id, and hear what others know of them.

    Args:
        layout: the lake.
        witnesses: whom to ask.

    Raises:
        LakeMissing: there is no lake in that place.
        LakeBusy: compaction replaced files all the while.
        WitnessSilent: somebody did not answer who was to.
    """
    if not (layout.commits.exists() or layout.trades.exists()):
        raise LakeMissing(
            f"{layout.base} holds no lake of {layout.exchange}: neither a commit log nor a file. "
            "BASE_OUTPUT_PATH and EXCHANGE say where it is."
        )
    for _ in range(_ATTEMPTS):
        found = _look(layout, witnesses)
        if found is not None:
            return found
    raise LakeBusy(
        f"files of {layout.trades} were replaced by compaction while they were read, "
        f"{_ATTEMPTS} times. Verify again when it has ended."
    )


@dataclass(frozen=True)
class _Files:
    """The files of one look.

    Attributes:
        audits: what is known of each that is in place, by its path in the log.
        stray: those with trades that readers see although no commit names them.
        problems: what is wrong with all of them.
    """

    audits: Mapping[str, FileAudit]
    stray: Sequence[Path]
    problems: Sequence[Problem]


def _look(layout: LakeLayout, witnesses: Witnesses) -> Verification | None:
    """One look at the lake; None if files that it was to look at were replaced meanwhile."""
    log = audit_log(layout)
    snapshot = log.snapshot
    symbols = {symbol_from_folder(file.symbol) for file in snapshot.files.values()}
    said = witnesses.hear(sorted(symbols))
    files = _look_at_files(layout, log)
    readable = [layout.base / path for path, audit in files.audits.items() if audit.has_trades]
    try:
        rows = read_rows(layout, readable, files.stray)
        priced = _with_prices(layout, snapshot, files.audits)
        candles, other_candles = audit_candles(layout, priced, said.candles or (), said.holes)
    except duckdb.IOException:
        if _replaced_since(layout, snapshot):
            return None
        raise
    if _replaced_since(layout, snapshot):
        return None
    problems = [*log.problems, *files.problems]
    for file in snapshot.files.values():
        problems += row_problems(file, rows.files.get(layout.base / file.path))
    proofs, gaps = prove_symbols(snapshot.files.values(), rows, said.holes)
    behind, impossible = _position(layout, log, said.source)
    return Verification(
        commits=snapshot.number,
        files=len(snapshot.all_files),
        quarantined=sum(file.rows for file in snapshot.quarantined.values()),
        symbols=proofs,
        problems=(*problems, *rows.problems, *gaps, *other_candles, *impossible),
        candles=candles,
        behind=behind,
        silent=said.silent,
    )


def _look_at_files(layout: LakeLayout, log: LogAudit) -> _Files:
    """Every file that the log names, and every other that a reader sees."""
    unfinished = _unfinished(layout, log.newest)
    waiting = {problem.where for problem in unfinished}
    audits = {
        file.path: audit_file(layout.base, file)
        for file in log.snapshot.all_files
        if file.path not in waiting
    }
    extra = _extra_files(layout, log, unfinished=bool(waiting))
    return _Files(
        audits,
        stray=[path for path in extra if _in_partition(path) and is_readable(path)],
        problems=[
            *unfinished,
            *(problem for audit in audits.values() for problem in audit.problems),
            *(_extra(layout, path) for path in extra),
        ],
    )


def _with_prices(
    layout: LakeLayout, snapshot: Snapshot, audits: Mapping[str, FileAudit]
) -> list[DataFile]:
    """The files that candles can be made from; one with a fault is read to its end first."""
    sound = {path for path, audit in audits.items() if audit.has_trades and not audit.problems}
    return [
        file
        for path, file in snapshot.files.items()
        if path in sound or (path in audits and is_readable(layout.base / path, CANDLE_COLUMNS))
    ]


def _position(
    layout: LakeLayout, log: LogAudit, source: SourceState | None
) -> tuple[int | None, list[Problem]]:
    """How far the lake is behind Kafka, and what of its position cannot be."""
    if source is None or (log.newest and log.newest.number != log.snapshot.number):
        return None, []  # Nobody was asked, or the newest commit cannot be read.
    later = list(CommitLog(layout.commits).commits(after=log.snapshot.number))
    problems = list(audit_source(log.newest, source, later[-1] if later else log.newest))
    another = any(problem.kind is ProblemKind.OTHER_SOURCE for problem in problems)
    return None if another else source.lag(position(log.newest)), problems


def _unfinished(layout: LakeLayout, newest: Commit | None) -> list[Problem]:
    """Files of the newest commit that are not in place yet; its writer is given some time.

    One that is in preparation nowhere is none of them: it is missing.
    """
    deadline = time.monotonic() + _PUBLISHING_PATIENCE
    while newest is not None and not CommitLog(layout.commits).reaches(newest.number + 1):
        waiting = [file.path for file in newest.published if is_prepared(layout.base, file)]
        if not waiting:
            break
        if time.monotonic() > deadline:
            told = f"Commit {newest.number} was not finished: start the stream, and it will be."
            return [Problem(ProblemKind.UNFINISHED, path, told) for path in waiting]
        time.sleep(0.05)
    return []


def _extra_files(layout: LakeLayout, log: LogAudit, *, unfinished: bool) -> list[Path]:
    """What a reader lists and no commit names, up to the newest there is after listing."""
    found = listed(layout)
    known = {layout.base / path for path in log.snapshot.files}
    if log.newest is not None and unfinished:
        known |= {layout.base / file.path for file in log.newest.removed_files}
    for commit in CommitLog(layout.commits).commits(after=log.snapshot.number):
        known |= {layout.base / file.path for file in commit.files}
    return [path for path in found if path not in known]


def _extra(layout: LakeLayout, path: Path) -> Problem:
    told = "No commit names it, yet readers see it: move it away."
    return Problem(ProblemKind.EXTRA_FILE, layout.relative(path), told)


def _in_partition(path: Path) -> bool:
    try:
        symbol_of_path(str(path))
        hour_of_path(str(path))
    except ValueError:
        return False
    return path.suffix == ".parquet"


def _replaced_since(layout: LakeLayout, snapshot: Snapshot) -> bool:
    """Whether a later commit took files away that were part of the lake."""
    return any(
        gone.path in snapshot.files or gone.path in snapshot.quarantined
        for commit in CommitLog(layout.commits).commits(after=snapshot.number)
        for gone in commit.removed
    )
