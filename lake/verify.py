"""The proof that a lake is whole: its files against its commit log, and its trades by their ids.

The lake may be written meanwhile: what is proved is its state at the newest commit found at the
beginning.
"""

import time
from pathlib import Path

import duckdb

from lake.commit import Commit
from lake.commit_log import CommitLog
from lake.completeness import Holes, prove_symbols
from lake.errors import LakeBusy, LakeMissing
from lake.file_audit import audit_file, is_readable, listed
from lake.layout import LakeLayout, hour_of_path, symbol_of_path
from lake.log_audit import LogAudit, audit_log
from lake.proof import Problem, ProblemKind, Verification
from lake.publishing import is_prepared
from lake.row_audit import read_rows, row_problems
from lake.snapshot import Snapshot

__all__ = ["verify"]

_ATTEMPTS = 5
"""How often to begin anew when compaction replaces files while they are read."""
_PUBLISHING_PATIENCE = 5.0
"""Seconds that the newest commit may take to bring its files into place."""


def verify(layout: LakeLayout, confirmed_holes: Holes | None = None) -> Verification:
    """Look at every commit, every file and every trade id.

    Args:
        layout: the lake.
        confirmed_holes: runs of ids that the exchange said do not exist, per symbol folder.

    Raises:
        LakeMissing: there is no lake in that place.
        LakeBusy: compaction replaced files all the while.
    """
    if not (layout.commits.exists() or layout.trades.exists()):
        raise LakeMissing(
            f"{layout.base} holds no lake of {layout.exchange}: neither a commit log nor a file. "
            "BASE_OUTPUT_PATH and EXCHANGE say where it is."
        )
    for _ in range(_ATTEMPTS):
        found = _look(layout, confirmed_holes or {})
        if found is not None:
            return found
    raise LakeBusy(
        f"files of {layout.trades} were replaced by compaction while they were read, "
        f"{_ATTEMPTS} times. Verify again when it has ended."
    )


def _look(layout: LakeLayout, confirmed: Holes) -> Verification | None:
    """One look at the lake; None if files that it was to look at were replaced meanwhile."""
    log = audit_log(layout)
    snapshot = log.snapshot
    unfinished = _unfinished(layout, log.newest)
    waiting = {problem.where for problem in unfinished}
    problems = [*log.problems, *unfinished]
    audits = {
        file.path: audit_file(layout.base, file)
        for file in snapshot.all_files
        if file.path not in waiting
    }
    problems += [problem for audit in audits.values() for problem in audit.problems]
    extra = _extra_files(layout, log, unfinished=bool(waiting))
    problems += [_extra(layout, path) for path in extra]
    readable = [layout.base / path for path, audit in audits.items() if audit.has_trades]
    stray = [path for path in extra if _in_partition(path) and is_readable(path)]
    try:
        rows = read_rows(layout, readable, stray)
    except duckdb.IOException:
        if _replaced_since(layout, snapshot):
            return None
        raise
    if _replaced_since(layout, snapshot):
        return None
    for file in snapshot.files.values():
        problems += row_problems(file, rows.files.get(layout.base / file.path))
    symbols, gaps = prove_symbols(snapshot.files.values(), rows, confirmed)
    return Verification(
        commits=snapshot.number,
        files=len(snapshot.all_files),
        quarantined=sum(file.rows for file in snapshot.quarantined.values()),
        symbols=symbols,
        problems=(*problems, *rows.problems, *gaps),
    )


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
