"""The proof that a lake is whole: its files against its commit log, and its trades by their ids.

The lake may be written meanwhile: what is proved is its state at the newest commit found at the
beginning.
"""

import duckdb

from lake.errors import LakeBusy, LakeMissing
from lake.layout import LakeLayout, symbol_from_folder
from lake.log.commit_log import CommitLog
from lake.log.snapshot import Snapshot
from lake.log.source_state import SourceState
from lake.read.quarantine_ids import find_trades
from lake.verify.candle_check import CANDLE_COLUMNS, check_candles
from lake.verify.completeness import landed_ids, missing_ids, prove_symbols
from lake.verify.full_read import read_fully
from lake.verify.known_ids import KnownIds
from lake.verify.lake_files_check import check_files
from lake.verify.log_check import LogCheck, check_log
from lake.verify.references import NOBODY, References
from lake.verify.result import Problem, ProblemKind, Verification
from lake.verify.row_check import read_rows, row_problems
from lake.verify.source_check import check_source, position

__all__ = ["verify"]

_ATTEMPTS = 5
"""How often to begin anew when compaction replaces files while they are read."""


def verify(
    layout: LakeLayout, witnesses: References = NOBODY, *, full: bool = False
) -> Verification:
    """Look at every commit, every file and every trade id, and hear what others know of them.

    Args:
        layout: the lake.
        witnesses: whom to ask.
        full: whether every column of every file is read, as readers do.

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
        found = _look(layout, witnesses, full=full)
        if found is not None:
            return found
    raise LakeBusy(
        f"files of {layout.trades} were replaced by compaction while they were read, "
        f"{_ATTEMPTS} times. Verify again when it has ended."
    )


def _look(layout: LakeLayout, witnesses: References, *, full: bool) -> Verification | None:
    """One look at the lake; None if files that it was to look at were replaced meanwhile."""
    log = check_log(layout)
    snapshot = log.snapshot
    symbols = {symbol_from_folder(file.symbol) for file in snapshot.files.values()}
    said = witnesses.hear(sorted(symbols))
    files = check_files(layout, log)
    readable = [layout.base / path for path, audit in files.audits.items() if audit.has_trades]
    landed = landed_ids(snapshot.files.values())
    try:
        rows = read_rows(layout, readable, files.stray)
        priced = files.with_columns(layout, snapshot, CANDLE_COLUMNS)
        told = said.candles.candles if said.candles else ()
        candles, other_candles = check_candles(layout, priced, told, said.holes)
        in_quarantine = find_trades(
            [layout.base / path for path in files.sound if path in snapshot.quarantined],
            missing_ids(landed, said.holes, said.dead_letters),
            witnesses.trade_ids,
        )
        in_place = [layout.base / path for path in files.sound]
        unreadable = read_fully(layout, in_place) if full else ()
    except (duckdb.IOException, FileNotFoundError):
        if _replaced_since(layout, snapshot):
            return None
        raise
    if _replaced_since(layout, snapshot):
        return None
    problems = [*log.problems, *files.problems, *unreadable]
    for file in snapshot.files.values():
        problems += row_problems(file, rows.files.get(layout.base / file.path))
    ledger = KnownIds(said.holes, said.dead_letters, said.open_gaps, *in_quarantine)
    proofs, gaps = prove_symbols(landed, rows, ledger)
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
        unproved=said.unproved,
        waiting=None if behind is None or not said.source else _held_back(said.source),
        parked=tuple(said.parked),
    )


def _position(
    layout: LakeLayout, log: LogCheck, source: SourceState | None
) -> tuple[int | None, list[Problem]]:
    """How far the lake is behind Kafka, and what of its position cannot be."""
    if source is None or (log.newest and log.newest.number != log.snapshot.number):
        return None, []  # Nobody was asked, or the newest commit cannot be read.
    later = list(CommitLog(layout.commits).commits(after=log.snapshot.number))
    problems = list(check_source(log.newest, source, later[-1] if later else log.newest))
    another = any(problem.kind is ProblemKind.OTHER_SOURCE for problem in problems)
    return None if another else source.lag(position(log.newest)), problems


def _held_back(topic: SourceState) -> int:
    """Offsets that cannot be read yet, since a transaction before them is open."""
    return sum(end - first for first, end in topic.held_back().values())


def _replaced_since(layout: LakeLayout, snapshot: Snapshot) -> bool:
    """Whether a later commit took files away that were part of the lake."""
    return any(
        gone.path in snapshot.files or gone.path in snapshot.quarantined
        for commit in CommitLog(layout.commits).commits(after=snapshot.number)
        for gone in commit.removed
    )
