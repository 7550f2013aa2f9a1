from datetime import timedelta

import pytest

from console.lake_view.completeness import HourCell, State, hour_cells, verified_up_to
from console.lake_view.index import LakeIndex
from lake.layout import LakeLayout
from lake.verify.missing_id_reasons import KnownIds, OpenGap
from lake.verify.references import References
from lake.verify.verified_record import VerifiedRecord
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import compact, land, synthetic
from tests.unit.lake.retiring import prove, retire

HOUR = timedelta(hours=1)
LATER = AT + timedelta(days=2)


def cells(
    layout: LakeLayout, known: KnownIds | None = None, record: VerifiedRecord | None = None
) -> list[HourCell]:
    """Six hours of BTC/USD from one before the first trade on."""
    index = LakeIndex(layout)
    index.refresh()
    return hour_cells(
        index.pair("BTC_USD"),
        [AT + n * HOUR for n in range(-1, 5)],
        known=known or KnownIds(),
        record=record or VerifiedRecord(),
        now=LATER,
    )


@pytest.fixture
def gapped(layout: LakeLayout) -> LakeLayout:
    """Four hours of 60 trades from id 1 on; ids 70 to 75 of the second hour are missing."""
    rows = synthetic(1, 240, AT, timedelta(minutes=1))
    land(layout, {"BTC/USD": [row for row in rows if not 70 <= row[0] <= 75]})
    return layout


def test_each_hour_has_its_state(gapped: LakeLayout) -> None:
    """Nothing before the first trade; the hour with missing ids is partly there; the last open."""
    assert [one.state for one in cells(gapped)] == [
        State.NOTHING,
        State.WHOLE,
        State.PARTLY,
        State.WHOLE,
        State.ARRIVING,
        State.NOTHING,
    ]


def test_a_gap_that_was_filled_is_whole(gapped: LakeLayout) -> None:
    """The ids that were missing have landed, in a later commit."""
    rows = synthetic(1, 240, AT, timedelta(minutes=1))
    land(gapped, {"BTC/USD": [row for row in rows if 70 <= row[0] <= 75]})
    assert cells(gapped)[2].state == State.WHOLE


def test_ids_that_kraken_lacks_are_a_confirmed_gap(gapped: LakeLayout) -> None:
    """As the producer's programs say."""
    found = cells(gapped, KnownIds(holes={"BTC_USD": [(70, 75)]}))[2]
    assert (found.state, found.missing, found.confirmed) == (State.CONFIRMED, 0, 6)


def test_ids_that_are_being_asked_for_need_no_backfill(gapped: LakeLayout) -> None:
    """The command shows how that goes."""
    known = KnownIds(open_gaps={"BTC_USD": [OpenGap((70, 75), AT)]})
    found = cells(gapped, known)[2]
    assert (found.state, found.command) == (State.PARTLY, "kraken-lake gaps")


def test_hours_between_two_ends_of_a_gap_may_lack_trades(layout: LakeLayout) -> None:
    """A stream that was down for hours leaves hours without a file: they are not just quiet."""
    land(
        layout,
        {"BTC/USD": [*synthetic(1, 10, AT), *synthetic(500, 10, AT + 3 * HOUR)]},
    )
    assert [one.state for one in cells(layout)][1:5] == [State.PARTLY] * 4


def test_a_quiet_hour_is_no_gap(layout: LakeLayout) -> None:
    """The ids before and after it follow each other."""
    land(layout, {"BTC/USD": [*synthetic(1, 10, AT), *synthetic(11, 10, AT + 2 * HOUR)]})
    found = cells(layout)[2]
    assert found.state == State.NOTHING
    assert "follow each other" in found.text


def test_recording_that_began_in_mid_hour_is_partly_there(layout: LakeLayout) -> None:
    """Trades before the first id are not known; Kraken counts from 1."""
    land(layout, {"BTC/USD": synthetic(50, 10, AT)})
    found = cells(layout)[1]
    assert found.state == State.PARTLY
    assert found.command.startswith("kraken-lake backfill --pair 'BTC/USD'")


def test_verified_hours_are_those_of_the_record(gapped: LakeLayout) -> None:
    """Compared with Kraken, or complete by their ids only."""
    number = int(AT.timestamp()) // 3600
    record = VerifiedRecord(
        complete={"BTC/USD": ((number, number + 2),)},
        against_kraken={"BTC/USD": ((number, number),)},
    )
    found = cells(gapped, record=record)
    assert [one.state for one in found[1:4]] == [State.VERIFIED, State.PARTLY, State.WHOLE]
    index = LakeIndex(gapped)
    index.refresh()
    assert verified_up_to(index.pair("BTC_USD"), record) == AT + 3 * HOUR


@pytest.mark.parametrize("follows", [True, False], ids=["while it looks on", "before it starts"])
def test_retired_hours_are_no_gap(
    layout: LakeLayout,
    follows: bool,  # noqa: FBT001 - the case
) -> None:
    """They keep their numbers, nothing mends them, and the hours after them are as before."""
    land(layout, {"BTC/USD": synthetic(1, 240, AT, timedelta(minutes=1))})
    compact(layout)
    assert prove(layout).holds
    index = LakeIndex(layout)
    if follows:
        index.refresh()
    retire(layout, AT + 2 * HOUR)
    index.refresh()
    pair = index.pair("BTC_USD")
    found = hour_cells(
        pair,
        [AT + n * HOUR for n in range(-1, 4)],
        known=KnownIds(),
        record=VerifiedRecord(),
        now=LATER,
    )
    states = [State.NOTHING, State.RETIRED, State.RETIRED, State.WHOLE, State.ARRIVING]
    assert [one.state for one in found] == states
    assert [one.trades for one in found] == [0, 60, 60, 60, 60]
    assert (found[2].first_id, found[2].last_id, found[2].files) == (61, 120, 0)
    assert found[2].command == "kraken-lake report --retired"
    assert pair.recorded_span == (AT, AT + 3 * HOUR)
    assert pair.span == (AT + 2 * HOUR, AT + 3 * HOUR)


def test_a_gap_beside_a_retired_hour_is_found(layout: LakeLayout) -> None:
    """A gap is told by the ids around it, whether files still hold them or not."""
    land(layout, {"BTC/USD": synthetic(1, 120, AT, timedelta(minutes=1))})
    land(layout, {"BTC/USD": synthetic(131, 60, AT + 2 * HOUR, timedelta(minutes=1))})
    compact(layout)
    holes = {"BTC_USD": [(121, 130)]}
    assert prove(layout, References(holes=lambda: holes)).holds
    retire(layout, AT + 2 * HOUR)
    found = cells(layout)
    assert [one.state for one in found[1:4]] == [State.RETIRED, State.PARTLY, State.PARTLY]
    assert {one.missing for one in found[2:4]} == {10}
    found = cells(layout, KnownIds(holes=holes))
    assert [one.state for one in found[1:4]] == [State.RETIRED, State.RETIRED, State.CONFIRMED]
