from dataclasses import replace
from datetime import datetime

from lake.layout import LakeLayout
from lake.verify.references import References
from lake.verify.result import Unproved
from lake.verify.verification import verify
from lake.verify.verified_hours import verified_hours
from tests.unit.lake.lakes import AT, HOUR, land

LATER = AT.replace(hour=23)
PAUSE = [["2026-01-30T13:00Z", "2026-01-30T15:00Z"], ["2026-01-30T18:00Z", "2026-01-30T18:00Z"]]


def lake_of(layout: LakeLayout, *hours: int, first_id: int = 1) -> None:
    """Ten trades in each of these hours, without a gap."""
    for number, hour in enumerate(hours):
        ids = range(first_id + number * 10, first_id + (number + 1) * 10)
        land(layout, ids, at=AT.replace(hour=hour), folder=HOUR.replace("hour=18", f"hour={hour}"))


def named(layout: LakeLayout, now: datetime = LATER) -> object:
    """The runs of hours of the one pair."""
    hours = verified_hours(verify(layout), now)["hours"]
    assert isinstance(hours, dict)
    return hours["BTC/USD"]


def test_hours_are_named_as_runs(layout: LakeLayout) -> None:
    """First and last of each, with the commit that they were verified at."""
    lake_of(layout, 13, 14, 15, 18, 20)
    found = verified_hours(verify(layout), LATER)
    assert found == {
        "commit": 5,
        "behind": None,
        "silent": [],
        "hours": {"BTC/USD": PAUSE},
        "unproved": {},
        "unproved_hours": {},
        "dead_letters": {},
    }


def test_the_newest_hour_is_not_named_although_it_is_over(layout: LakeLayout) -> None:
    """Its last trades may be under way; a later hour's trade says that they are not."""
    lake_of(layout, 13, 14)
    assert named(layout) == [["2026-01-30T13:00Z", "2026-01-30T13:00Z"]]


def test_the_hour_that_recording_began_in_is_not_named(layout: LakeLayout) -> None:
    """Trades before the first one recorded are missing from it."""
    lake_of(layout, 13, 14, 15, first_id=501)
    assert named(layout) == [["2026-01-30T14:00Z", "2026-01-30T14:00Z"]]


def test_an_hour_that_is_not_over_is_not_named(layout: LakeLayout) -> None:
    """Whatever the trades' own times say."""
    lake_of(layout, 13, 14, 15)
    assert named(layout, AT.replace(hour=14, minute=59)) == [["2026-01-30T13:00Z"] * 2]


def test_who_did_not_answer_is_reported(layout: LakeLayout) -> None:
    """A program that uses the hours has to know which services they were not compared with."""
    lake_of(layout, 13, 14)
    found = replace(verify(layout), behind=7, silent=("Kraken did not answer",))
    named_too = verified_hours(found, LATER)
    assert (named_too["behind"], named_too["silent"]) == (7, ["Kraken did not answer"])


def test_hours_of_an_unproved_pair_are_not_named_as_proved(layout: LakeLayout) -> None:
    """Their ids are complete, but they are not among the `hours` that candles have confirmed."""
    lake_of(layout, 13, 14, 15)
    found = replace(verify(layout), unproved=(Unproved("BTC/USD", "Kraken knows no such pair"),))
    asset = verified_hours(found, LATER)
    assert (asset["hours"], asset["unproved"]) == ({}, {"BTC/USD": "Kraken knows no such pair"})
    assert asset["unproved_hours"] == {"BTC/USD": [["2026-01-30T13:00Z", "2026-01-30T14:00Z"]]}


def test_dead_letters_are_named_beside_the_hours(layout: LakeLayout) -> None:
    """The exchange sent them, and no file has them."""
    lake_of(layout, 13)
    land(layout, range(13, 21), at=AT.replace(hour=14), folder=HOUR.replace("18", "14"))
    found = verify(layout, References(dead_letters=lambda: {"BTC_USD": [(11, 12)]}))
    assert verified_hours(found, LATER)["dead_letters"] == {"BTC/USD": [[11, 12]]}
