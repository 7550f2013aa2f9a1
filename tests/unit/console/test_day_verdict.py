from datetime import timedelta

import pytest

from console.lake_view.completeness import NOT_LANDED, HourCell, State
from console.lake_view.day_verdict import day_verdict
from tests.unit.console.conftest import AT


def day(*states: State, text: str = "") -> list[HourCell]:
    """Hours with these states."""
    return [HourCell(AT + timedelta(hours=n), one, text) for n, one in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([State.VERIFIED, State.NOTHING], "complete, verified"),
        ([State.VERIFIED, State.WHOLE], "complete"),
        ([State.WHOLE, State.ARRIVING], "still arriving"),
        ([State.CONFIRMED, State.WHOLE], "complete but for ids that Kraken lacks"),
        ([State.PARTLY, State.WHOLE], "recording began"),
        ([State.NOTHING, State.NOTHING], "no trade"),
    ],
)
def test_the_worst_hour_decides(states: list[State], said: str) -> None:
    """A day is no better than any hour of it."""
    assert day_verdict(day(*states)).text == said


def test_an_id_that_two_hours_may_lack_is_missing_once() -> None:
    """A gap between two hours touches both; two gaps are added up."""
    cells = [
        HourCell(AT, State.PARTLY, "", lacking=((10, 19),)),
        HourCell(AT + timedelta(hours=1), State.PARTLY, "", lacking=((10, 19), (40, 44))),
    ]
    found = day_verdict(cells)
    assert (found.state, found.missing, found.text) == (State.PARTLY, 15, "15 ids missing")


def test_a_day_after_the_newest_trade_is_not_called_quiet() -> None:
    """No trade of it can be known to be missing, nor to be there."""
    assert day_verdict(day(State.NOTHING, text=NOT_LANDED)).text == "nothing has landed yet"
