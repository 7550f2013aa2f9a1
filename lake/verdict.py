"""What a verification found, as a person reads it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from lake.proof import ProblemKind, Verification

__all__ = ["show"]

_SHOWN: Final = 10
"""Problems of one kind that are shown one by one."""
_NAMED: Final = 5
"""Pairs or files that the others are counted for."""


def show(console: Console, exchange: str, found: Verification) -> None:
    """Print the figures of each pair, each problem, and the verdict."""
    console.print(_figures(found))
    for line in (*_compared(exchange, found), *_wrong(found), _verdict(found)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _figures(found: Verification) -> Table:
    table = Table("symbol", box=box.SIMPLE_HEAD)
    for heading in ("trades", "first id", "last id", "twice", "missing", "confirmed", "hours"):
        table.add_column(heading, justify="right")
    for proof in found.symbols:
        missing = sum(last - first + 1 for first, last in proof.missing)
        table.add_row(
            proof.symbol,
            f"{proof.trades}",
            f"{proof.first_id}",
            f"{proof.last_id}",
            f"{proof.duplicates}",
            f"{missing}",
            f"{proof.confirmed}",
            f"{len(proof.hours)}",
        )
    return table


def _compared(exchange: str, found: Verification) -> Iterator[str]:
    """What others were asked, and what came of it."""
    for proof in found.candles:
        if proof.first is None:
            yield f"{proof.symbol}: no minute of {exchange}'s candles lies within the lake."
        else:
            span = f"{proof.first:%Y-%m-%d %H:%M} to {proof.last:%Y-%m-%d %H:%M}"
            yield f"{proof.symbol}: {proof.minutes} minutes held against {exchange}, {span}."
    if found.behind is not None:
        yield f"The lake is {found.behind} offsets behind Kafka."
    for sentence in found.silent:
        yield f"Not asked: {sentence}"


def _wrong(found: Verification) -> Iterator[str]:
    """A line a problem; of one kind the first ones, and how many more there are."""
    shown, left = Counter[ProblemKind](), defaultdict[ProblemKind, Counter[str]](Counter)
    for problem in found.problems:
        if shown[problem.kind] < _SHOWN:
            shown[problem.kind] += 1
            yield f"{problem.kind}: {problem.where}: {problem.advice}"
        else:
            left[problem.kind][problem.where] += 1
    for kind, places in left.items():
        yield f"{kind}: {places.total()} more, {_most(places)}; --json has them all."


def _most(places: Counter[str]) -> str:
    """Where the most of them are: a pair has many gaps, a file has one fault."""
    named = ", ".join(f"{number} of {place}" for place, number in places.most_common(_NAMED))
    return f"{named} and so on" if len(places) > _NAMED else named


def _verdict(found: Verification) -> str:
    wrong = len(found.problems)
    verdict = f"{wrong} problem{'s' * (wrong > 1)}." if wrong else "The lake is whole."
    return (
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}"
    )
