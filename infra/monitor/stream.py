"""Watching the running stream until a given time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from infra.monitor.errors import StreamStandsStill
from infra.monitor.reading import Reading, complaint

__all__ = ["watch_stream"]


def watch_stream(
    read: Callable[[], Reading],
    *,
    until: datetime,
    every: timedelta,
    patience: timedelta,
    echo: Callable[[str], None],
) -> None:
    """Print a reading every `every`, until `until`.

    Raises:
        StreamStandsStill: There are records to land and nothing has landed for `patience`.
        BrokerError, LakeError: As `take_reading`.
    """
    first = read()
    reading = first
    while True:
        echo(str(reading))
        if grown := reading.quarantined - first.quarantined:
            echo(f"WARNING: quarantine grew by {grown}: kraken-lake quarantine list")
        if problem := complaint(reading, since=first.at, patience=patience):
            raise StreamStandsStill(problem)
        left = until - datetime.now(UTC)
        if left <= timedelta(0):
            return
        time.sleep(min(every, left).total_seconds())
        reading = read()
