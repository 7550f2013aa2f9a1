"""The hours that a verification proved complete, as JSON for programs that process them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from lake.verify.result import SymbolProof, Verification

__all__ = ["verified_hours"]

_HOUR: Final = timedelta(hours=1)
_FIRST_ID: Final = 1
"""Kraken counts the trades of a pair from 1."""


def verified_hours(found: Verification, now: datetime) -> dict[str, object]:
    """Return the complete hours of each pair: no trade of theirs can still arrive.

    An hour is complete if it is between two other hours of the pair, since no id between is
    missing. The newest hour may lack trades that have not landed although it is over. The oldest
    lacks those before recording began, unless that began with the pair's first trade, or hours
    before it are retired. Retired hours are not among those that are returned.

    Args:
        found: a verification without a problem.
        now: the time now, UTC.

    Returns:
        `{"commit": 12, "behind": 0, "silent": [],
        "hours": {"BTC/USD": [["2026-01-30T18:00Z", "2026-01-30T20:00Z"]]},
        "unproved": {}, "unproved_hours": {}, "dead_letters": {}}`.
        `hours` has ranges of hours: the first and the last of each, both included. `behind` counts
        offsets that have not landed; null if Kafka was not asked. `silent` has a sentence for each
        question that got no answer. A pair that could not be compared with the exchange's candles
        has its reason in `unproved` and its hours, complete by their ids, in `unproved_hours`, and
        none in `hours`. `dead_letters` has ranges of ids of rows that are not trades. The size
        grows with the pauses in a pair's trading, not with the lake.
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
    is_retired = bool(proof.retired) and proof.retired[0][0] == proof.first_id
    first = 0 if is_retired or proof.first_id == _FIRST_ID else 1
    return (row.hour for row in proof.hours[first:-1])


def _runs(hours: Iterable[datetime]) -> list[list[str]]:
    runs: list[list[datetime]] = []
    for hour in hours:
        if runs and hour - runs[-1][1] == _HOUR:
            runs[-1][1] = hour
        else:
            runs.append([hour, hour])
    return [[f"{end:%Y-%m-%dT%H:%MZ}" for end in run] for run in runs]
