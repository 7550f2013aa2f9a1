"""Which trades of each pair are there, and which are not: gaps told from confirmed holes."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter

from lake.commit import DataFile
from lake.intervals import IdRuns, Run
from lake.layout import symbol_from_folder
from lake.proof import HourRows, Problem, ProblemKind, SymbolProof
from lake.row_audit import FileRows, Rows

__all__ = ["Holes", "prove_symbols"]

Holes = Mapping[str, Iterable[Run]]
"""Runs of ids that the exchange said it does not have, per symbol folder."""


def prove_symbols(
    files: Iterable[DataFile], rows: Rows, confirmed: Holes
) -> tuple[tuple[SymbolProof, ...], list[Problem]]:
    """The figures of each pair, and the gaps in its ids."""
    landed: dict[str, IdRuns] = {}
    for file in files:
        for run in file.ids:
            landed.setdefault(file.symbol, IdRuns()).add(*run)
    symbols, problems = [], []
    for folder, ids in sorted(landed.items()):
        name = symbol_from_folder(folder)
        first, last = next(iter(ids))[0], list(ids)[-1][1]
        missing = _missing(ids, (first, last), confirmed.get(folder, ()))
        inside = [one for one in rows.files.values() if one.symbol == folder]
        symbols.append(
            SymbolProof(
                symbol=name,
                trades=sum(one.rows for one in inside),
                first_id=first,
                last_id=last,
                duplicates=rows.duplicates.get(folder, 0),
                missing=missing,
                confirmed=_count(ids.gaps()) - _count(missing),
                hours=_hours(inside),
            )
        )
        problems += [_gap(name, run) for run in missing]
    return tuple(symbols), problems


def _missing(ids: IdRuns, span: Run, confirmed: Iterable[Run]) -> tuple[Run, ...]:
    """The gaps, less what of them was confirmed; holes beyond the first and last id are none."""
    first, last = span
    holes = [(max(a, first), min(b, last)) for a, b in confirmed if a <= last and b >= first]
    return tuple(IdRuns([*ids, *holes]).gaps())


def _hours(files: Iterable[FileRows]) -> tuple[HourRows, ...]:
    by_hour = attrgetter("hour")
    return tuple(
        HourRows(hour, sum(one.rows for one in inside))
        for hour, inside in groupby(sorted(files, key=by_hour), key=by_hour)
    )


def _gap(symbol: str, run: Run) -> Problem:
    told = (
        f"Trade ids {run[0]} to {run[1]} never landed. Fetch them with `python -m producer "
        "backfill`; what Kraken itself does not have is a hole (`python -m producer holes`)."
    )
    return Problem(ProblemKind.SUSPECTED_GAP, symbol, told)


def _count(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)
