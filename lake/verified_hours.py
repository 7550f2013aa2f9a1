"""The hours that a verification stands for, named so that a program can go on with them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lake.proof import Verification

__all__ = ["verified_hours"]

_HOUR = timedelta(hours=1)


def verified_hours(found: Verification, now: datetime) -> dict[str, object]:
    """What was verified of each pair, without the hours that are not over.

    Args:
        found: a verification without a problem.
        now: the time now, UTC.

    Returns:
        `{"commit": 12, "hours": {"BTC/USD": [["2026-01-30T18:00Z", "2026-01-30T20:00Z"]]}}`: runs
        of hours, the first and the last of each, both included. It grows with the pauses in a
        pair's trading, not with the lake.
    """
    return {
        "commit": found.commits,
        "hours": {
            proof.symbol: _runs(row.hour for row in proof.hours if row.hour + _HOUR <= now)
            for proof in found.symbols
        },
    }


def _runs(hours: Iterable[datetime]) -> list[list[str]]:
    runs: list[list[datetime]] = []
    for hour in hours:
        if runs and hour - runs[-1][1] == _HOUR:
            runs[-1][1] = hour
        else:
            runs.append([hour, hour])
    return [[f"{end:%Y-%m-%dT%H:%MZ}" for end in run] for run in runs]
