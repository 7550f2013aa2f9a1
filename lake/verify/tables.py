"""Prints the result of a verification as text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from lake.id_ranges import Run
from lake.verify.result import ProblemKind, Unproved, Verification
from runtime.tables import PlainTable

__all__ = ["show"]

_SHOWN: Final = 10
"""The most problems of one kind that are shown one by one."""
_NAMED: Final = 5
"""The most places for which the remaining problems are counted."""


def show(console: Console, exchange: str, found: Verification) -> None:
    """Print the figures of each pair, each problem, and the conclusion."""
    console.print(_figures(found))
    lines = (*_compared(exchange, found), *_wrong(found), *_retired(found), *_read(found))
    for line in (*lines, _verdict(exchange, found)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _figures(found: Verification) -> Table:
    """Build a row per pair; dead letters get a column only if there are any, to fit 80 columns."""
    any_dead = any(proof.dead_letters for proof in found.symbols)
    table = PlainTable("symbol")
    for heading in ("trades", "first id", "last id", "twice", "missing", "confirmed", "hours"):
        table.add_column(heading, justify="right")
    if any_dead:
        table.add_column("dead", justify="right")
    for proof in found.symbols:
        table.add(
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
    """Yield the results of the comparisons with the exchange and with Kafka."""
    for proof in found.candles:
        if proof.first is None:
            yield f"{proof.symbol}: the lake holds no minute of {exchange}'s candles in full."
        else:
            time = f"{proof.first:%Y-%m-%d %H:%M} to {proof.last:%Y-%m-%d %H:%M}"
            yield f"{proof.symbol}: {proof.minutes} minutes compared with {exchange}, {time}."
    for reason, symbols in _by_reason(found.unproved).items():
        yield f"{_some(symbols)}: not proved against {exchange}: {reason}"
    if found.behind is not None:
        yield f"The lake is {found.behind} offsets behind Kafka."
    if found.waiting:
        yield (
            f"{found.waiting} more offsets cannot be read yet: they wait for a transaction that is "
            "still open. If the number stays, find the producer that was killed or hangs; Kafka "
            "aborts its transaction after transaction.timeout.ms."
        )
    for pair in found.symbols:
        if dead := pair.dead_letters:
            yield (
                f"{pair.symbol}: {_count(dead)} ids are dead letters, {_runs(dead)}: rows that "
                f"{exchange} sent but that are not trades (`kraken-lake dead-letters`)."
            )
    for parked in found.parked:
        yield (
            f"{parked.symbol} has not been recorded since "
            f"{parked.parked_at:%Y-%m-%d %H:%M:%S} UTC: {parked.reason}; {parked.advice}"
        )
    for sentence in found.silent:
        yield f"Not asked: {sentence}"


def _wrong(found: Verification) -> Iterator[str]:
    """Yield a line per problem: the first ones of each kind, then how many more there are."""
    shown, left = Counter[ProblemKind](), defaultdict[ProblemKind, Counter[str]](Counter)
    for problem in found.problems:
        if shown[problem.kind] < _SHOWN:
            shown[problem.kind] += 1
            yield f"{problem.kind}: {problem.where}: {problem.advice}"
        else:
            left[problem.kind][problem.where] += 1
    for kind, places in left.items():
        yield f"{kind}: {places.total()} more, {_most(places)}; --json has them all."


def _retired(found: Verification) -> Iterator[str]:
    """Yield how many trades were retired, if any."""
    if retired := sum(_count(proof.retired) for proof in found.symbols):
        yield f"{retired} more trades were retired: `kraken-lake report --retired` lists them."


def _read(found: Verification) -> Iterator[str]:
    """Yield how many files were read, if there are any, and why it will be as many next time."""
    if found.files_known:
        yield (
            f"{found.files_read} files were read; {found.files_known} have not changed since a "
            "former verification proved them."
        )
    elif found.files_read:
        yield f"{found.files_read} files were read."
    if found.not_kept:
        yield found.not_kept


def _most(places: Counter[str]) -> str:
    """Name the places with the most problems: a pair has many gaps, a file has one problem."""
    named = ", ".join(f"{number} of {place}" for place, number in places.most_common(_NAMED))
    return f"{named} and so on" if len(places) > _NAMED else named


def _verdict(exchange: str, found: Verification) -> str:
    wrong = len(found.problems)
    verdict = _not_whole(wrong) if wrong else _whole(exchange, found)
    return (
        f"{found.commits} commits, {found.files} files, {found.quarantined} records in quarantine. "
        f"{verdict}"
    )


def _not_whole(wrong: int) -> str:
    return (
        f"{wrong} problem{'s' * (wrong > 1)}. Do what is said at each, then run "
        "`kraken-lake verify` again."
    )


def _whole(exchange: str, found: Verification) -> str:
    """Say that the lake is whole, and what was not proved."""
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
    """Group pairs by reason: an exchange that does not answer gives one reason for all."""
    found = defaultdict(list)
    for one in unproved:
        found[one.reason].append(one.symbol)
    return found


def _some(symbols: Sequence[str]) -> str:
    """Name the first ones and count the others: there may be hundreds."""
    more = len(symbols) - _SHOWN
    return ", ".join(symbols[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _runs(runs: Sequence[Run]) -> str:
    return _some([f"{first}" if first == last else f"{first} to {last}" for first, last in runs])


def _count(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)
