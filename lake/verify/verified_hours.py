"""The hours that a verification stands for, named so that a program can go on with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from lake.verify.result import SymbolProof, Verification

__all__ = ["verified_hours"]

_HOUR: Final = timedelta(hours=1)
_FIRST_ID: Final = 1
"""Kraken counts the trades of a pair from 1."""


def verified_hours(found: Verification, now: datetime) -> dict[str, object]:
    """The hours of each pair that are whole: nothing of them can be under way still.

    An hour is whole if it lies between others of the pair, as no id between is missing. The newest
    one may lack trades that have not landed, although it is over; the one that recording began in
    lacks those before, unless it began with the pair's first trade.

    Args:
        found: a verification without a problem.
        now: the time now, UTC.

    Returns:
        `{"commit": 12, "behind": 0, "silent": [],
        "hours": {"BTC/USD": [["2026-01-30T18:00Z", "2026-01-30T20:00Z"]]},
        "unproved": {}, "unproved_hours": {}, "dead_letters": {}}`: runs of hours, the
        first and the last of each, both included; offsets that have not landed, null where Kafka
        was not asked; who was to be asked and did not answer. A pair that was to be held against
        the exchange's candles and could not be has its reason and its hours in `unproved` and
        `unproved_hours`, and none in `hours`: by the ids they are whole. `dead_letters` has runs
        of ids that the exchange sent as no trade. It grows with the pauses in a pair's trading, not
        with the lake.
    """
    unproved = {one.symbol: one.reason for one in found.unproved}
    hours = {
        proof.symbol: _runs(hour for hour in _between(proof) if hour + _HOUR <= now)
        for proof in found.symbols
    }
    return {
        "commit": found.commits,
        "behind": found.behind,
        "silent": list(found.silent),
        "hours": {symbol: runs for symbol, runs in hours.items() if symbol not in unproved},
        "unproved": unproved,
        "unproved_hours": {symbol: hours[symbol] for symbol in unproved if symbol in hours},
        "dead_letters": {
            proof.symbol: [list(run) for run in proof.dead_letters]
            for proof in found.symbols
            if proof.dead_letters
        },
    }


def _between(proof: SymbolProof) -> Iterator[datetime]:
    first = 0 if proof.first_id == _FIRST_ID else 1
    return (row.hour for row in proof.hours[first:-1])


def _runs(hours: Iterable[datetime]) -> list[list[str]]:
    runs: list[list[datetime]] = []
    for hour in hours:
        if runs and hour - runs[-1][1] == _HOUR:
            runs[-1][1] = hour
        else:
            runs.append([hour, hour])
    return [[f"{end:%Y-%m-%dT%H:%MZ}" for end in run] for run in runs]
