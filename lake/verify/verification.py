"""Verifies that a lake is whole: its files by its commit log, and its trades by their ids.

The lake may be written meanwhile. The result holds for the newest commit found at the beginning.
Files that a former verification proved are not read again unless something about them has changed
(`lake.verify.proofs`).
"""

from collections.abc import Collection
from dataclasses import replace

import duckdb

from lake.errors import CommitsFolded, LakeBusy, LakeMissing
from lake.layout import LakeLayout, symbol_from_folder
from lake.log.commit_log import CommitLog
from lake.log.snapshot import Snapshot
from lake.log.source_state import SourceState
from lake.read.quarantine_ids import find_trades
from lake.verify.checks.candle_check import CANDLE_COLUMNS, check_candles
from lake.verify.checks.duplicate_check import find_duplicates
from lake.verify.checks.kafka_position_check import check_source, position
from lake.verify.checks.lake_files_check import check_files
from lake.verify.checks.log_check import LogCheck, check_log
from lake.verify.checks.retired_check import check_retired
from lake.verify.checks.row_check import check_rows
from lake.verify.checks.table_check import check_tables
from lake.verify.completeness import landed_ids, live_ids, missing_ids, prove_symbols
from lake.verify.full_read import read_fully
from lake.verify.missing_id_reasons import KnownIds
from lake.verify.proofs import Proof, keep_proofs, kept_proofs
from lake.verify.references import NO_REFERENCES, References
from lake.verify.result import Problem, ProblemKind, Verification

__all__ = ["verify"]

_ATTEMPTS = 5
"""How often to start again when compaction changes what is read meanwhile."""


def verify(
    layout: LakeLayout, references: References = NO_REFERENCES, *, full: bool = False
) -> Verification:
    """Check every commit, every file and every trade id, and compare them with other sources.

    Args:
        layout: the lake.
        references: the sources to compare with.
        full: whether to read every column of every file, as readers do, also of files that a former
            verification proved.

    Raises:
        LakeMissing: There is no lake in that place.
        LakeBusy: Compaction replaced files or folded the log during every attempt, or a table was
            changed again and again while it was read.
        ReferenceUnavailable: A source did not answer, and `references.may_be_silent` is false.
    """
    if not (layout.commits.exists() or layout.trades.exists()):
        raise LakeMissing(
            f"{layout.base} holds no lake of {layout.exchange}: neither a commit log nor a file. "
            "Set BASE_OUTPUT_PATH and EXCHANGE to where it is."
        )
    kept = kept_proofs(layout)
    for _ in range(_ATTEMPTS):
        proofs: set[Proof] = set()
        try:
            found = _attempt(layout, references, frozenset() if full else kept, proofs, full=full)
        except CommitsFolded:
            continue  # Commits since the one that is verified, before they were looked at.
        if found is not None:
            not_kept = keep_proofs(layout, proofs) if proofs != kept else None
            return replace(found, not_kept=not_kept)
    raise LakeBusy(
        f"compaction replaced files of {layout.trades} or folded the commit log while they were "
        f"read, {_ATTEMPTS} times. Verify again when it has ended."
    )


def _attempt(
    layout: LakeLayout,
    references: References,
    known: Collection[Proof],
    proofs: set[Proof],
    *,
    full: bool,
) -> Verification | None:
    """Verify once; return None if compaction replaced files meanwhile.

    `proofs` takes the proofs of the files that nothing is wrong with.
    """
    log = check_log(layout, full=full)
    snapshot = log.snapshot
    symbols = {symbol_from_folder(file.symbol) for file in snapshot.files.values()}
    answers = references.ask(sorted(symbols))
    files = check_files(layout, log, known)
    live = live_ids(snapshot.files.values())
    landed = landed_ids(live, log.retired)
    try:
        rows = check_rows(layout, snapshot, files)
        theirs = answers.candles.candles if answers.candles else ()
        priced = files.with_columns(layout, snapshot, CANDLE_COLUMNS) if theirs else ()
        candles, other_candles = check_candles(layout, priced, theirs, answers.holes)
        in_quarantine = find_trades(
            [layout.base / path for path in files.sound if path in snapshot.quarantined],
            missing_ids(landed, answers.holes, answers.dead_letters),
            references.trade_ids,
        )
        in_place = [layout.base / path for path in files.sound]
        unreadable = read_fully(layout, in_place) if full else ()
        gone = list(check_retired(layout, snapshot, files, live=live, retired=log.retired))
    except (duckdb.IOException, FileNotFoundError):
        if _replaced_since(layout, snapshot):
            return None
        raise
    if _replaced_since(layout, snapshot):
        return None
    of_files = [*files.problems, *unreadable, *rows.problems, *gone]
    proofs |= files.proofs(but={problem.where for problem in of_files})
    twice = find_duplicates(rows.files, {layout.relative(path) for path in files.stray})
    ledger = KnownIds(answers.holes, answers.dead_letters, answers.open_gaps, *in_quarantine)
    pairs, gaps = prove_symbols(landed, rows.files.values(), twice.rows, ledger, log.retired)
    behind, impossible = _position(layout, log, answers.source)
    elsewhere = (*other_candles, *impossible, *check_tables(layout, references.catalog_uri))
    return Verification(
        commits=snapshot.number,
        files=len(snapshot.all_files),
        quarantined=sum(file.rows for file in snapshot.quarantined.values()),
        symbols=pairs,
        problems=(*log.problems, *of_files, *twice.problems, *gaps, *elsewhere),
        candles=candles,
        behind=behind,
        silent=answers.silent,
        unproved=answers.unproved,
        waiting=None if behind is None or not answers.source else _held_back(answers.source),
        parked=tuple(answers.parked),
        files_read=files.read,
        files_known=files.known,
    )


def _position(
    layout: LakeLayout, log: LogCheck, source: SourceState | None
) -> tuple[int | None, list[Problem]]:
    """Return how far the lake is behind Kafka, and the problems of its position."""
    if source is None or (log.newest and log.newest.number != log.snapshot.number):
        return None, []  # The broker was not asked, or the newest commit cannot be read.
    later = list(CommitLog(layout.commits).commits(after=log.snapshot.number))
    problems = list(check_source(log.newest, source, later[-1] if later else log.newest))
    another = any(problem.kind is ProblemKind.OTHER_SOURCE for problem in problems)
    return None if another else source.lag(position(log.newest)), problems


def _held_back(topic: SourceState) -> int:
    """Count the offsets that cannot be read yet, since a transaction before them is open."""
    return sum(end - first for first, end in topic.held_back().values())


def _replaced_since(layout: LakeLayout, snapshot: Snapshot) -> bool:
    """Return whether a later commit removed files that were part of the lake, or may have."""
    try:
        return any(
            gone.path in snapshot.files or gone.path in snapshot.quarantined
            for commit in CommitLog(layout.commits).commits(after=snapshot.number)
            for gone in commit.removed
        )
    except CommitsFolded:
        return True
