from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from producer.errors import SettingsUnusable
from producer.model.page import RejectedRow, TradesPage
from producer.model.starting_point import just_before
from producer.model.time_range import TimeRange

MakePage = Callable[..., TradesPage]


def until(moment: datetime) -> TimeRange:
    """The span from a pair's beginning to this time."""
    return TimeRange.read("beginning", moment.isoformat(), moment)


def test_a_span_is_named_alike_however_it_is_written(now: datetime) -> None:
    """The name is in the cursor's key: the same command in another zone continues."""
    span = TimeRange.read("2026-01-30T18:00:00Z", "2026-01-30T19:30:00Z", now)
    assert span.name == "2026-01-30T18:00:00Z/2026-01-30T19:30:00Z"
    assert span == TimeRange.read("2026-01-30T19:00:00+01:00", "2026-01-30T20:30:00+01:00", now)
    assert span.since == "1769795999999999999"
    assert span.scope.key("BTC/USD") == f"backfill/BTC/USD/{span.name}"


def test_an_open_end_keeps_its_name(now: datetime) -> None:
    """So the same command, run tomorrow, continues from today's end."""
    today, tomorrow = (TimeRange.read("beginning", None, now + timedelta(days=n)) for n in (0, 1))
    assert today.name == tomorrow.name == "beginning/now"
    assert (today.since, today.start, today.end) == ("0", None, now)
    done = just_before(today.end)
    assert today.is_done(done)
    assert not tomorrow.is_done(done)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("now", None, "--from 'now' is not beginning or a time"),
        ("2026-01-30T18:00:00", None, "with its zone"),
        ("beginning", "soon", "--to 'soon' is not a time"),
        ("2026-01-30T18:00:00Z", "2026-01-30T17:00:00Z", "is not before"),
        ("2999-01-01T00:00:00Z", None, "is not before"),
    ],
)
def test_an_unusable_range_is_refused(
    start: str, end: str | None, message: str, now: datetime
) -> None:
    """The error names the option."""
    with pytest.raises(SettingsUnusable, match=message):
        TimeRange.read(start, end, now)


def test_a_page_within_is_left_whole(page: MakePage, now: datetime) -> None:
    """More may follow it."""
    whole = page([1, 2])
    assert until(now).cut(whole) is whole


def test_a_page_that_reaches_over_the_end_is_cut(page: MakePage, now: datetime) -> None:
    """A trade at the end itself is not included; the cursor is just before it."""
    rows = [RejectedRow("[]", "odd", number) for number in (3, 9, None)]
    end = now - timedelta(seconds=1000 - 4)
    cut = until(end).cut(page([1, 2, 4, 5], rejected=rows, rows=1000))
    assert [trade.trade_id for trade in cut.trades] == [1, 2]
    assert [row.trade_id for row in cut.rejected] == [3, None]
    assert cut.last == just_before(end)
    assert not cut.is_full
    assert until(end).is_done(cut.last)


def test_a_cursor_tells_how_far_it_is(now: datetime) -> None:
    """Never beyond the end; at a pair's beginning nothing is known."""
    span = until(now)
    moment = datetime(2026, 1, 30, 18, tzinfo=UTC)
    assert span.reached(str(int(just_before(moment)) + 1)) == moment
    assert span.reached("9" * 19) == now
    assert span.reached("0") is None
    assert not span.is_done(None)
