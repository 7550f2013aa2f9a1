"""Finds the trades that each pair lacks, and sorts these gaps by what is known of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from lake.id_ranges import IdRanges, Run
from lake.layout import symbol_from_folder
from lake.log.commit import DataFile
from lake.verify.checks.row_check import FileRows
from lake.verify.missing_id_reasons import Ids, KnownIds, OpenGap
from lake.verify.result import HourRows, Problem, ProblemKind, SymbolProof

__all__ = ["landed_ids", "live_ids", "missing_ids", "prove_symbols"]


def live_ids(files: Iterable[DataFile]) -> dict[str, IdRanges]:
    """Return the ids in the lake's files, per symbol folder."""
    live: dict[str, IdRanges] = {}
    for file in files:
        for run in file.ids:
            live.setdefault(file.symbol, IdRanges()).add(*run)
    return live


def landed_ids(
    live: Mapping[str, IdRanges], retired: Mapping[str, IdRanges]
) -> dict[str, IdRanges]:
    """Return the ids that have landed: those in the lake's files and those that were retired."""
    return {
        folder: IdRanges([*live.get(folder, ()), *retired.get(folder, ())])
        for folder in {*live, *retired}
    }


def missing_ids(landed: Mapping[str, IdRanges], *known: Ids) -> dict[str, IdRanges]:
    """Return each pair's gaps without the ids that are known not to be trades."""
    missing = {}
    for folder, ids in landed.items():
        no_trades = [run for runs in known for run in runs.get(folder, ())]
        if left := IdRanges(ids.gaps()).without(IdRanges(no_trades)):
            missing[folder] = left
    return missing


def prove_symbols(
    landed: Mapping[str, IdRanges],
    rows: Iterable[FileRows],
    repeated: Mapping[str, int],
    ledger: KnownIds,
    retired: Mapping[str, IdRanges],
) -> tuple[tuple[SymbolProof, ...], list[Problem]]:
    """Return the figures of each pair, and the gaps in its ids as problems.

    Args:
        landed: the ids that have landed, per symbol folder, retired ones included.
        rows: the rows of each file.
        repeated: rows per symbol folder whose trade is in another row too.
        ledger: what is known of ids that have not landed.
        retired: the ids that were retired, per symbol folder.
    """
    by_folder: dict[str, list[FileRows]] = defaultdict(list)
    for one in rows:
        by_folder[one.symbol].append(one)
    missing = missing_ids(landed, ledger.holes, ledger.dead_letters)
    symbols: list[SymbolProof] = []
    problems: list[Problem] = []
    for folder, ids in sorted(landed.items()):
        runs = list(ids)
        gaps, lacking = IdRanges(ids.gaps()), missing.get(folder, IdRanges())
        known = gaps.without(lacking)
        holes = known.within(IdRanges(ledger.holes.get(folder, ())))
        inside = by_folder[folder]
        symbols.append(
            SymbolProof(
                symbol=symbol_from_folder(folder),
                trades=sum(one.rows for one in inside),
                first_id=runs[0][0],
                last_id=runs[-1][1],
                duplicates=repeated.get(folder, 0),
                missing=tuple(lacking),
                confirmed=len(holes),
                hours=_hours(inside),
                dead_letters=tuple(known.without(holes)),
                retired=tuple(retired.get(folder, ())),
            )
        )
        problems += _gaps(folder, lacking, ledger)
    return tuple(symbols), problems


def _hours(files: Iterable[FileRows]) -> tuple[HourRows, ...]:
    by_hour = attrgetter("hour")
    return tuple(
        HourRows(hour, sum(one.rows for one in inside))
        for hour, inside in groupby(sorted(files, key=by_hour), key=by_hour)
    )


def _gaps(folder: str, missing: IdRanges, ledger: KnownIds) -> Iterator[Problem]:
    """Yield the gaps of one pair, each with what to do about it."""
    symbol = symbol_from_folder(folder)
    in_quarantine = missing.within(IdRanges(ledger.quarantined.get(folder, ())))
    for run in in_quarantine:
        yield _in_quarantine(symbol, run)
    left = missing.without(in_quarantine)
    for gap in ledger.open_gaps.get(folder, ()):
        being_asked = left.within(IdRanges([gap.run]))
        for run in being_asked:
            yield _open(symbol, run, gap)
        left = left.without(being_asked)
    for run in left:
        yield _suspected(symbol, run, ledger.undecoded.get(folder, 0))


def _suspected(symbol: str, run: Run, undecoded: int) -> Problem:
    advice = (
        f"Trade ids {run[0]} to {run[1]} never landed. Fetch them with `kraken-lake "
        "backfill`; ids that Kraken itself does not have are a hole (`kraken-lake holes`)."
    )
    if undecoded:
        advice = (
            f"Trade ids {run[0]} to {run[1]} never landed. Perhaps they are in quarantine, which "
            f"holds {undecoded} records of {symbol} whose ids are not known: see `kraken-lake "
            "quarantine list`, and `replay` once the reason is gone. If they are not, fetch them "
            "with `kraken-lake backfill`."
        )
    return Problem(ProblemKind.SUSPECTED_GAP, symbol, advice)


def _in_quarantine(symbol: str, run: Run) -> Problem:
    advice = (
        f"Trade ids {run[0]} to {run[1]} are in quarantine, neither lost nor landed. "
        "`kraken-lake quarantine list` says why; once the schema is registered or the rule "
        "changed, `kraken-lake quarantine replay` lands them."
    )
    return Problem(ProblemKind.IN_QUARANTINE, symbol, advice)


def _open(symbol: str, run: Run, gap: OpenGap) -> Problem:
    advice = (
        f"Trade ids {run[0]} to {run[1]} have not arrived; Kraken has been asked for them since "
        f"{gap.found_at:%Y-%m-%d %H:%M:%S} UTC. Wait while the producer runs: they land, or become "
        "a confirmed hole (`kraken-lake gaps`)."
    )
    return Problem(ProblemKind.OPEN_GAP, symbol, advice)
