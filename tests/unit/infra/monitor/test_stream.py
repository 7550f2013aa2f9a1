from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.monitor.errors import StreamStandsStill
from infra.monitor.reading import Reading
from infra.monitor.stream import watch_stream

OFTEN = timedelta(milliseconds=5)


def readings(*seen: tuple[int, int]) -> Callable[[], Reading]:
    """Readings of so much lag and quarantine, one after another; the last one stays."""
    left = list(seen)

    def read() -> Reading:
        lag, quarantined = left.pop(0) if len(left) > 1 else left[0]
        now = datetime.now(UTC)
        return Reading(now, 5, quarantined, lag, now - timedelta(hours=1))

    return read


def test_it_tells_until_its_time_is_over() -> None:
    """It ends at the time given, without a signal."""
    lines: list[str] = []
    until = datetime.now(UTC) + timedelta(milliseconds=50)
    watch_stream(
        readings((0, 0)), until=until, every=OFTEN, patience=timedelta(1), echo=lines.append
    )
    assert datetime.now(UTC) >= until
    assert len(lines) > 1


def test_a_stream_that_stands_still_ends_the_watch_with_a_sentence() -> None:
    """The task that runs it fails, long before its time is over."""
    with pytest.raises(StreamStandsStill, match="9 offsets wait in Kafka"):
        watch_stream(
            readings((9, 0)),
            until=datetime.now(UTC) + timedelta(hours=1),
            every=OFTEN,
            patience=timedelta(milliseconds=20),
            echo=lambda _: None,
        )


def test_a_growing_quarantine_is_reported_and_no_failure() -> None:
    """Records are kept there; a person has to look, and nothing has to stop."""
    lines: list[str] = []
    watch_stream(
        readings((0, 1), (0, 4)),
        until=datetime.now(UTC) + timedelta(milliseconds=30),
        every=OFTEN,
        patience=timedelta(1),
        echo=lines.append,
    )
    assert not lines[1].startswith("WARNING")
    assert "WARNING: quarantine grew by 3: kraken-lake quarantine list" in lines
