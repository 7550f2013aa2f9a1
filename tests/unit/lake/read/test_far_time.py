from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lake.read.far_time import FarTime, moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = 86_400 * 10**6


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_that_datetime_holds_is_one(at: datetime) -> None:
    """To the microsecond; and a far time would name the same year."""
    micros = (at - EPOCH) // timedelta(microseconds=1)
    assert moment(micros) == at
    assert FarTime(micros).isoformat() == f"+{at.isoformat()}"


def test_times_beyond_are_shown_all_the_same() -> None:
    """The day after the last one, the day before the first one, and the ends of 64 bits."""
    after = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) + 1
    before = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) - A_DAY
    assert str(moment(after)) == "+10000-01-01 00:00:00+00:00"
    assert str(moment(before)) == "+0000-12-31 00:00:00+00:00"
    assert f"{moment(-(1 << 63)):%Y-%m-%d %H:%M:%S}" == "-290308-12-21 19:59:05"
    assert f"{moment((1 << 63) - 1):%Y-%m-%d}" == "+294247-01-10"
    assert moment(None) is None
