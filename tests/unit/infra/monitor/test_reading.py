from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from infra.monitor.reading import Reading, complaint

NOON = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=120)


def reading(*, lag: int, moved: int | None, at: int = 0) -> Reading:
    """A reading this many seconds after noon; `moved` is when the stream last committed."""
    moved_at = None if moved is None else NOON + timedelta(seconds=moved)
    return Reading(NOON + timedelta(seconds=at), 10, 0, lag, moved_at)


@pytest.mark.parametrize("moved", [None, -500, 80])
def test_with_nothing_to_land_no_silence_is_too_long(moved: int | None) -> None:
    """A quiet market is not the stream's fault."""
    assert complaint(reading(lag=0, moved=moved, at=900), since=NOON, patience=PATIENCE) is None


@pytest.mark.parametrize(
    ("moved", "at", "still"),
    [
        (None, 120, None),
        (None, 121, 121),
        (-500, 120, None),
        (-500, 121, 121),
        (100, 220, None),
        (100, 221, 121),
    ],
)
def test_the_stream_stands_still_once_its_patience_is_over(
    moved: int | None, at: int, still: int | None
) -> None:
    """Counted from the last commit, but not from before the watching began."""
    sentence = complaint(reading(lag=7, moved=moved, at=at), since=NOON, patience=PATIENCE)
    if still is None:
        assert sentence is None
    else:
        assert sentence is not None
        assert "7 offsets wait in Kafka" in sentence
        assert f"nothing has landed for {still} s" in sentence


def test_a_reading_reads_as_a_sentence() -> None:
    """Landed, freshness, lag and quarantine, each with its unit."""
    assert str(reading(lag=3, moved=-30)) == (
        "10 trades landed, the last of them 30 s ago; 3 offsets behind Kafka; "
        "0 records in quarantine"
    )
    assert "the last of them never" in str(reading(lag=3, moved=None))


def test_what_waits_for_an_open_transaction_is_shown_and_warned_of() -> None:
    """None of it is lost and none lands: it must not read as if there were nothing to do."""
    stuck = replace(reading(lag=0, moved=0, at=121), held_back={0: (8, 108), 2: (5, 6)})
    waits = (
        "101 offsets wait for a transaction that is still open (8 to 107 of partition 0, "
        "5 to 5 of partition 2)"
    )
    assert str(stuck).endswith(f"0 records in quarantine; {waits}")
    sentence = complaint(stuck, since=NOON, patience=PATIENCE)
    assert sentence is not None
    assert sentence.startswith(f"nothing has landed for 121 s: {waits}. Look for a producer")
    recent = replace(stuck, at=NOON + PATIENCE)
    assert complaint(recent, since=NOON, patience=PATIENCE) is None
