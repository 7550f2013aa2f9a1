from datetime import timedelta

from lake.layout import LakeLayout
from lake.verified_hours import verified_hours
from lake.verify import verify
from tests.unit.lake.lakes import AT, HOUR, land

AN_HOUR = timedelta(hours=1)


def test_hours_are_named_as_runs(layout: LakeLayout) -> None:
    """First and last of each, with the commit that they were verified at; open ones are not."""
    for number, hour in enumerate((13, 14, 15, 18, 20)):
        at = AT.replace(hour=hour)
        ids = range(number * 10 + 1, number * 10 + 11)
        land(layout, ids, at=at, folder=HOUR.replace("hour=18", f"hour={hour}"))
    now = AT.replace(hour=20, minute=59)
    runs = [["2026-01-30T13:00Z", "2026-01-30T15:00Z"], ["2026-01-30T18:00Z", "2026-01-30T18:00Z"]]
    assert verified_hours(verify(layout), now) == {"commit": 5, "hours": {"BTC/USD": runs}}
    later = verified_hours(verify(layout), now + AN_HOUR)
    assert later["hours"] == {"BTC/USD": [*runs, ["2026-01-30T20:00Z", "2026-01-30T20:00Z"]]}
