"""What a verification found, as a person reads it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from lake.id_ranges import Run
from lake.verify.result import ProblemKind, Unproved, Verification

__all__ = ["show"]

_SHOWN: Final = 10
"""Problems of one kind that are shown one by one."""
_NAMED: Final = 5
"""Pairs or files that the others are counted for."""


def show(console: Console, exchange: str, found: Verification) -> None:
    """Print the figures of each pair, each problem, and the verdict."""
    console.print(_figures(found))
    for line in (*_compared(exchange, found), *_wrong(found), _verdict(exchange, found)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _figures(found: Verification) -> Table:
    """A row a pair; dead letters have a column where there are any, so that 80 columns do."""
    any_dead = any(proof.dead_letters for proof in found.symbols)
    table = Table("symbol", box=box.SIMPLE_HEAD)
    for heading in ("trades", "first id", "last id", "twice", "missing", "confirmed", "hours"):
        table.add_column(heading, justify="right")
    if any_dead:
        table.add_column("dead", justify="right")
    for proof in found.symbols:
        table.add_row(
            proof.symbol,
            f"{proof.trades}",
            f"{proof.first_id}",
            f"{proof.last_id}",
            f"{proof.duplicates}",
            f"{_count(proof.missing)}",
            f"{proof.confirmed}",
            f"{len(proof.hours)}",
            *([f"{_count(proof.dead_letters)}"] if any_dead else []),
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
    for reason, symbols in _by_reason(found.unproved).items():
        yield f"{_some(symbols)}: not proved against {exchange}: {reason}"
    if found.behind is not None:
        yield f"The lake is {found.behind} offsets behind Kafka."
    if found.waiting:
        yield (
            f"{found.waiting} more offsets cannot be read yet: they wait for a transaction that is "
            "still open. If they stay, see which producer was killed or hangs; Kafka "
            "ends what it left open after its transaction.timeout.ms."
        )
    for pair in found.symbols:
        if dead := pair.dead_letters:
            yield (
                f"{pair.symbol}: {_count(dead)} ids are dead letters, {_runs(dead)}: rows that "
                f"{exchange} sent and that are no trade (`python -m producer dead-letters`)."
            )
    for parked in found.parked:
        yield (
            f"{parked.symbol} is not recorded since {parked.parked_at:%Y-%m-%d %H:%M:%S} UTC: "
            f"{parked.reason}; {parked.advice}"
        )
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


def _verdict(exchange: str, found: Verification) -> str:
    wrong = len(found.problems)
    verdict = f"{wrong} problem{'s' * (wrong > 1)}." if wrong else _whole(exchange, found)
    return (
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}"
    )


def _whole(exchange: str, found: Verification) -> str:
    """That the lake is whole, and what that does not say."""
    buts = []
    if found.unproved:
        symbols = [one.symbol for one in found.unproved]
        was = "pair was" if len(symbols) == 1 else "pairs were"
        buts.append(f"{len(symbols)} {was} not proved against {exchange}: {_some(symbols)}")
    if dead := sum(_count(proof.dead_letters) for proof in found.symbols):
        buts.append(f"{dead} {'id is a dead letter' if dead == 1 else 'ids are dead letters'}")
    if found.waiting:
        buts.append(f"{found.waiting} offsets wait for an open transaction")
    if found.parked:
        are = "pair is" if len(found.parked) == 1 else "pairs are"
        symbols = [pair.symbol for pair in found.parked]
        buts.append(f"{len(symbols)} {are} not recorded: {_some(symbols)}")
    return f"The lake is whole, but {'; '.join(buts)}." if buts else "The lake is whole."


def _by_reason(unproved: Iterable[Unproved]) -> dict[str, list[str]]:
    """The pairs of each reason: one that is silent is so about all of them."""
    found = defaultdict(list)
    for one in unproved:
        found[one.reason].append(one.symbol)
    return found


def _some(symbols: Sequence[str]) -> str:
    """Not three hundred of them."""
    more = len(symbols) - _SHOWN
    return ", ".join(symbols[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _runs(runs: Sequence[Run]) -> str:
    return _some([f"{first}" if first == last else f"{first} to {last}" for first, last in runs])


def _count(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)
