"""When missing ids are asked for."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from producer.model.gaps.gap_schedule import GAP_SCHEDULE
from producer.model.gaps.hole import Hole
from producer.model.gaps.open_gap import OpenGap


@pytest.fixture
def gap(now: datetime) -> OpenGap:
    """One that has just been found."""
    return OpenGap(
        exchange="KRAKEN",
        symbol="BTC/USD",
        first_trade_id=3,
        last_trade_id=4,
        near="1762820035982277754",
        ask_at=GAP_SCHEDULE.first_ask(now),
        found_at=now,
    )


def asked(gap: OpenGap | Hole, late: timedelta = timedelta()) -> list[tuple[datetime, float]]:
    """When it is asked for until it is a hole, or for the last time, and from how long before."""
    kind, found = type(gap), []
    while type(gap) is kind and gap.ask_at is not None:
        moment = gap.ask_at + late
        assert not GAP_SCHEDULE.is_due(gap, gap.ask_at - timedelta(seconds=0.001))
        assert GAP_SCHEDULE.is_due(gap, moment)
        found.append((moment, GAP_SCHEDULE.seconds_back(gap)))
        gap = GAP_SCHEDULE.after_an_answer(gap, "", moment)
    return found


def test_questions_are_spread_over_a_quarter_of_an_hour(gap: OpenGap) -> None:
    """From a second, a minute and an hour before."""
    questions = asked(gap)
    assert questions[-1][0] - questions[0][0] >= timedelta(minutes=15)
    assert {back for _, back in questions} == {1, 60, 3600}


def test_late_answers_put_the_following_off(gap: OpenGap) -> None:
    """After a stop of an hour the remaining questions keep their intervals."""
    questions = asked(gap, late=timedelta(hours=1))
    pauses = [b[0] - a[0] for a, b in pairwise(questions)]
    assert min(pauses) > timedelta(hours=1)


def test_a_hole_is_asked_for_after_an_hour_and_a_day(gap: OpenGap, now: datetime) -> None:
    """After that it is not asked for again."""
    hole: OpenGap | Hole = gap.model_copy(update={"asked": 4})
    hole = GAP_SCHEDULE.after_an_answer(hole, "", now)
    assert isinstance(hole, Hole)
    assert [moment - now for moment, _ in asked(hole)] == [timedelta(hours=1), timedelta(days=1)]


def test_a_question_without_an_answer_is_put_again_later_and_later(
    gap: OpenGap, now: datetime
) -> None:
    """An hour apart at most; the count of answered questions stays."""
    soon = GAP_SCHEDULE.put_off(gap, now, lost=False)
    late = GAP_SCHEDULE.put_off(gap, now + timedelta(days=3), lost=True)
    assert soon.ask_at == now + timedelta(seconds=15)
    assert late.ask_at == now + timedelta(days=3, hours=1)
    assert (soon.asked, soon.near, late.near) == (0, gap.near, "")


def test_a_schedule_can_be_in_another_time() -> None:
    """All of its pauses; how long before a gap it begins stays."""
    fast = GAP_SCHEDULE.scaled(9)
    assert fast.delays[-1] == pytest.approx(9.01)
    assert fast.again == (36, 864)
    assert fast.look_back == GAP_SCHEDULE.look_back
