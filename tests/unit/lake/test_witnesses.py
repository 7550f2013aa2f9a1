from collections.abc import Collection

import pytest

from lake.candle_audit import Candle
from lake.errors import WitnessSilent
from lake.layout import LakeLayout
from lake.proof import ProblemKind
from lake.source_state import SourceState
from lake.verify import verify
from lake.witnesses import NOBODY, Statements, Witnesses
from tests.unit.lake.lakes import SOURCE, land

TOPIC = SourceState(source=SOURCE, earliest={0: 0}, latest={0: 170})


def silent(*_: object) -> list[Candle]:
    """Somebody who does not answer."""
    raise WitnessSilent("it is not there")


def test_nobody_is_asked_unless_told() -> None:
    """And then nothing is known."""
    assert NOBODY.hear(["BTC/USD"]) == Statements({}, None, None, ())


def test_who_is_silent_ends_it_unless_allowed() -> None:
    """Allowed, the sentence is kept, and the others are heard all the same."""
    with pytest.raises(WitnessSilent, match="it is not there"):
        Witnesses(candles=silent, source=lambda: TOPIC).hear(["BTC/USD"])
    said = Witnesses(candles=silent, source=lambda: TOPIC, may_be_silent=True).hear(["BTC/USD"])
    assert said == Statements({}, None, TOPIC, ("it is not there",))


def test_no_candle_is_asked_for_where_nothing_has_landed() -> None:
    """There is no pair to name."""
    assert Witnesses(candles=silent).hear([]).candles is None


def test_they_are_asked_once_the_log_was_read(whole: LakeLayout) -> None:
    """For the symbols that the lake holds; what lands meanwhile counts for nobody."""
    asked: list[list[str]] = []

    def candles(symbols: Collection[str]) -> list[Candle]:
        asked.append(list(symbols))
        land(whole, range(151, 161))
        return []

    found = verify(whole, Witnesses(candles=candles, source=lambda: TOPIC))
    assert asked == [["BTC/USD"]]
    assert (found.holds, found.commits, found.behind) == (True, 2, 20)


def test_a_position_that_cannot_be_is_a_problem_of_the_lake(whole: LakeLayout) -> None:
    """Told like any other; how far it is behind another Kafka means nothing."""
    short = TOPIC.model_copy(update={"latest": {0: 149}})
    (problem,) = verify(whole, Witnesses(source=lambda: short)).problems
    assert problem.kind is ProblemKind.BEYOND_END
    other = TOPIC.model_copy(update={"source": SOURCE.model_copy(update={"topic_id": "t2"})})
    found = verify(whole, Witnesses(source=lambda: other))
    assert [one.kind for one in found.problems] == [ProblemKind.OTHER_SOURCE]
    assert found.behind is None


def test_a_log_without_its_newest_commit_has_no_position(whole: LakeLayout) -> None:
    """The commit is named; what it said of offsets is not guessed at."""
    (whole.commits / f"{2:020d}.json").write_text("{")
    found = verify(whole, Witnesses(source=lambda: TOPIC))
    assert ProblemKind.UNREADABLE_COMMIT in {problem.kind for problem in found.problems}
    assert found.behind is None
