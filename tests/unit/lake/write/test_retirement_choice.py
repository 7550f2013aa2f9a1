from datetime import datetime

import pytest

from lake.layout import LakeLayout, hour_of_path
from lake.log.commit import DataFile
from lake.log.snapshot import read_snapshot
from lake.verify.references import References
from lake.verify.verified_record import read_record
from lake.write.retirement_choice import Choice, Reason, Verified, choose
from tests.unit.lake.lakes import AT, compact
from tests.unit.lake.retiring import chosen, lake_of_hours, land_hour, prove, retire


@pytest.fixture
def proved(layout: LakeLayout) -> LakeLayout:
    """Four hours from 15 to 18, with trades from id 1 on."""
    lake_of_hours(layout, 15, 16, 17, 18)
    return layout


def hours(choice: Choice) -> list[int]:
    """The hours that may be retired."""
    return [hour_of_path(file.path).hour for file in choice.files]


def left(choice: Choice) -> dict[int, Reason]:
    """Why the others stay."""
    return {one.hour.hour: one.reason for one in choice.left}


def test_hours_that_are_compacted_and_proved_may_be_retired(proved: LakeLayout) -> None:
    """But for the newest, in which a trade may still land."""
    assert hours(chosen(proved)) == [15, 16, 17]
    assert left(chosen(proved)) == {18: Reason.NEWEST}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (AT.replace(hour=17), [15, 16]),
        (AT.replace(hour=16, minute=59), [15]),
        (AT.replace(hour=15), []),
    ],
)
def test_only_hours_that_ended_by_the_time_are_looked_at(
    proved: LakeLayout, before: datetime, expected: list[int]
) -> None:
    """An hour that ended then is among them, one that was not over is not named at all."""
    choice = chosen(proved, before)
    assert (hours(choice), left(choice)) == (expected, {})


def test_an_hour_of_several_files_is_compacted_first(proved: LakeLayout) -> None:
    """A trade that came late makes a second file."""
    land_hour(proved, 16, range(81, 82))
    assert prove(proved).holds
    assert left(chosen(proved))[16] is Reason.SEVERAL_FILES


def test_a_compacted_file_is_verified_first(proved: LakeLayout) -> None:
    """The former proof was about the files that it replaced."""
    land_hour(proved, 16, range(81, 82))
    compact(proved)
    assert left(chosen(proved))[16] is Reason.NOT_VERIFIED
    assert prove(proved).holds
    assert hours(chosen(proved)) == [15, 16, 17]


def test_a_file_that_changed_since_is_verified_first(proved: LakeLayout) -> None:
    """Its content may have, too."""
    (file,) = (proved.trades / "year=2026/month=1/day=30/hour=16").rglob("*.parquet")
    file.touch()
    assert left(chosen(proved))[16] is Reason.NOT_VERIFIED


def test_a_verification_that_found_a_problem_proves_no_hour(layout: LakeLayout) -> None:
    """Of a pair that lacks trades, nothing is retired until they are there or confirmed missing."""
    for number, hour in enumerate((15, 16, 17)):
        first = 20 * number + 1
        land_hour(layout, hour, range(first, first + 15))
    assert not prove(layout).holds
    assert set(left(chosen(layout)).values()) == {Reason.NOT_VERIFIED, Reason.NEWEST}
    holes = {"BTC_USD": [(16, 20), (36, 40)]}
    assert prove(layout, References(holes=lambda: holes)).holds
    assert hours(chosen(layout)) == [15, 16]


def test_a_problem_found_later_takes_no_proof_back(proved: LakeLayout) -> None:
    """What the verification before proved of these files still holds."""
    land_hour(proved, 19, range(91, 95))
    assert not prove(proved).holds
    assert hours(chosen(proved)) == [15, 16, 17]


def test_an_hour_that_was_the_newest_when_it_was_verified_is_verified_again(
    proved: LakeLayout,
) -> None:
    """Ids between it and the next hour may be missing."""
    land_hour(proved, 19, range(81, 91))
    assert left(chosen(proved)) == {18: Reason.NOT_COMPLETE, 19: Reason.NEWEST}
    assert prove(proved).holds
    assert hours(chosen(proved)) == [15, 16, 17, 18]


def test_the_hour_in_which_recording_began_may_be_retired(layout: LakeLayout) -> None:
    """It lacks what was traded before, and that will never land."""
    for number, hour in enumerate((15, 16, 17)):
        first = 501 + 20 * number
        land_hour(layout, hour, range(first, first + 20))
    assert prove(layout).holds
    assert read_record(layout).complete["BTC/USD"] != ()
    assert hours(chosen(layout)) == [15, 16]


def test_an_older_hour_that_landed_later_is_verified_first(layout: LakeLayout) -> None:
    """A backfill brought it, and the ids between it and the next hour have not landed."""
    for number, hour in enumerate((15, 16, 17)):
        first = 501 + 20 * number
        land_hour(layout, hour, range(first, first + 20))
    assert prove(layout).holds
    land_hour(layout, 13, range(401, 411))
    assert not prove(layout).holds
    assert left(chosen(layout))[13] is Reason.NOT_VERIFIED
    assert hours(chosen(layout)) == [16]
    assert left(chosen(layout))[15] is Reason.NOT_COMPLETE


def test_pairs_are_looked_at_one_by_one(proved: LakeLayout) -> None:
    """The hours of a pair that is not verified stay, those of the other go, oldest first."""
    land_hour(proved, 15, range(1, 11), symbol="ETH_USD")
    land_hour(proved, 16, range(11, 21), symbol="ETH_USD")
    choice = chosen(proved)
    assert {file.symbol for file in choice.files} == {"BTC_USD"}
    assert [(one.symbol, one.reason) for one in choice.left] == [
        ("ETH/USD", Reason.NOT_VERIFIED),
        ("ETH/USD", Reason.NEWEST),
        ("BTC/USD", Reason.NEWEST),
    ]


def test_a_file_with_a_name_that_no_commit_gives_stays(proved: LakeLayout) -> None:
    """Which verification covered it is not known."""
    snapshot = read_snapshot(proved)
    odd = [_renamed(file) for file in snapshot.files.values()]
    everything = Verified(10**9, {}, lambda _: True)
    reasons = {one.reason for one in choose(odd, AT.replace(day=31), everything).left}
    assert reasons == {Reason.NOT_VERIFIED, Reason.NEWEST}


def _renamed(file: DataFile) -> DataFile:
    return file.model_copy(update={"path": f"{file.folder}/trades.parquet"})


def test_what_is_retired_is_not_chosen_again(proved: LakeLayout) -> None:
    """The hour after it stays complete, although it is the oldest that is left."""
    (done,) = retire(proved, AT.replace(hour=17))
    assert [one.hour.hour for one in done.hours] == [15, 16]
    assert hours(chosen(proved)) == [17]
    assert prove(proved).holds
    assert hours(chosen(proved)) == [17]
