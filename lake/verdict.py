"""What a verification found, as a person reads it."""

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table

from lake.proof import Verification

__all__ = ["show"]


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
    for problem in found.problems:
        yield f"{problem.kind}: {problem.where}: {problem.advice}"


def _verdict(found: Verification) -> str:
    wrong = len(found.problems)
    verdict = f"{wrong} problem{'s' * (wrong > 1)}." if wrong else "The lake is whole."
    return (
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}"
    )
