from collections.abc import Collection

import pytest

from lake.errors import ReferenceUnavailable
from lake.layout import LakeLayout
from lake.log.source_state import SourceState
from lake.verify.candle_answers import CandleAnswer, CandleAnswers
from lake.verify.references import NO_REFERENCES, References, Statements
from lake.verify.result import ProblemKind, Unproved
from lake.verify.verification import verify
from tests.unit.lake.lakes import SOURCE, land
from tests.unit.lake.minutes import minute_candles, one_a_minute

TOPIC = SourceState(source=SOURCE, earliest={0: 0}, latest={0: 170})
NOT_THERE = Unproved("BTC/USD", "it is not there")


def silent(*_: object) -> CandleAnswers:
    """Somebody who does not answer."""
    raise ReferenceUnavailable("it is not there")


def answering(*answers: CandleAnswer) -> References:
    """An exchange that answers so."""
    return References(candles=lambda _: CandleAnswers.of(answers))


def unknown(symbol: str) -> CandleAnswer:
    """What an exchange says of a pair that it no longer has."""
    return CandleAnswer(asked=symbol, unknown=f"no pair named {symbol!r}")


def test_nobody_is_asked_by_default() -> None:
    """And then nothing is known."""
    assert NO_REFERENCES.ask(["BTC/USD"]) == Statements({}, None, None, ())


def test_who_is_silent_ends_it_unless_allowed() -> None:
    """Allowed, the sentence is kept, the pair is unproved, and the others are heard."""
    with pytest.raises(ReferenceUnavailable, match="it is not there"):
        References(candles=silent, source=lambda: TOPIC).ask(["BTC/USD"])
    said = References(candles=silent, source=lambda: TOPIC, may_be_silent=True).ask(["BTC/USD"])
    assert said == Statements({}, None, TOPIC, ("it is not there",), unproved=(NOT_THERE,))


@pytest.mark.parametrize("who", ["holes", "dead_letters", "open_gaps", "parked"])
def test_each_who_knows_of_ids_may_be_silent_only_where_allowed(who: str) -> None:
    """What the others know counts none the less."""
    with pytest.raises(ReferenceUnavailable, match="it is not there"):
        References(**{who: silent}).ask(["BTC/USD"])
    said = References(**{who: silent}, source=lambda: TOPIC, may_be_silent=True).ask(["BTC/USD"])
    assert (said.silent, said.source) == (("it is not there",), TOPIC)


def test_no_candle_is_asked_for_where_nothing_has_landed() -> None:
    """There is no pair to name."""
    assert References(candles=silent).ask([]) == Statements({}, None, None, ())


def test_they_are_asked_once_the_log_was_read(whole: LakeLayout) -> None:
    """For the symbols that the lake holds; what lands meanwhile is not counted."""
    asked: list[list[str]] = []

    def candles(symbols: Collection[str]) -> CandleAnswers:
        asked.append(list(symbols))
        land(whole, range(151, 161))
        return CandleAnswers.of([unknown("BTC/USD")])

    found = verify(whole, References(candles=candles, source=lambda: TOPIC))
    assert asked == [["BTC/USD"]]
    assert (found.holds, found.commits, found.behind) == (True, 2, 20)


def test_a_pair_unknown_to_the_exchange_is_an_answer_and_no_proof() -> None:
    """Nobody is silent; the pair is named with the exchange's own words."""
    said = answering(unknown("OLD/USD")).ask(["OLD/USD"])
    assert said.silent == ()
    assert said.unproved == (Unproved("OLD/USD", "no pair named 'OLD/USD'"),)


def test_a_wrong_candle_is_found_beside_an_unknown_pair(layout: LakeLayout) -> None:
    """One delisted pair does not keep another from being compared, whether silence is allowed."""
    land(layout, one_a_minute(range(1, 11)))
    old = "year=2026/month=1/day=30/hour=18/symbol=OLD_USD"
    land(layout, one_a_minute(range(1, 11)), folder=old)
    candles = minute_candles(10)
    candles[4] = candles[4].model_copy(update={"count": 2})
    listed = CandleAnswers.of(
        [CandleAnswer(asked="BTC/USD", symbol="BTC/USD", candles=candles), unknown("OLD/USD")]
    )
    for may_be_silent in (False, True):
        found = verify(layout, References(candles=lambda _: listed, may_be_silent=may_be_silent))
        assert [problem.kind for problem in found.problems] == [ProblemKind.OTHER_CANDLE]
        assert [one.symbol for one in found.unproved] == ["OLD/USD"]
        assert [proof.symbol for proof in found.candles] == ["BTC/USD"]


def test_a_pair_without_an_answer_is_silence_about_it() -> None:
    """It ends the verification unless allowed; then it is unproved, and the others are not."""
    good = CandleAnswer(asked="BTC/USD", symbol="BTC/USD", candles=minute_candles(3))
    bad = CandleAnswer(asked="ETH/USD", symbol="ETH/USD", error="Kraken is busy")
    with pytest.raises(ReferenceUnavailable, match="about the candles of ETH/USD: Kraken is busy"):
        answering(good, bad).ask(["BTC/USD", "ETH/USD"])
    allowed = References(candles=lambda _: CandleAnswers.of([good, bad]), may_be_silent=True)
    said = allowed.ask(["BTC/USD", "ETH/USD"])
    assert said.unproved == (Unproved("ETH/USD", "Kraken is busy"),)
    assert said.silent == ("there is no answer about the candles of ETH/USD: Kraken is busy",)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            CandleAnswer(asked="LUNA/USD", symbol="LUNC/USD", candles=minute_candles(3)),
            "the exchange's pair of that name is recorded as LUNC/USD today",
        ),
        (
            CandleAnswer(asked="LUNA/USD", symbol="LUNA/USD", candles=[]),
            "the exchange has no candle of a minute that is over",
        ),
    ],
)
def test_an_answer_that_nothing_can_be_held_against_proves_nothing(
    answer: CandleAnswer, reason: str
) -> None:
    """The pair goes by another symbol, or has no minute yet: it is named, and not passed over."""
    assert answering(answer).ask(["LUNA/USD"]).unproved == (Unproved("LUNA/USD", reason),)


def test_a_pair_that_was_left_out_of_the_answers_is_not_proved() -> None:
    """It was asked for: that nothing came of it is silence."""
    with pytest.raises(
        ReferenceUnavailable, match="about the candles of ETH/USD and of 1 more pairs"
    ):
        answering(unknown("BTC/USD")).ask(["BTC/USD", "ETH/USD", "XRP/USD"])


def test_a_position_that_cannot_be_is_a_problem_of_the_lake(whole: LakeLayout) -> None:
    """Reported like any other; how far it is behind another Kafka means nothing."""
    short = TOPIC.model_copy(update={"latest": {0: 149}})
    (problem,) = verify(whole, References(source=lambda: short)).problems
    assert problem.kind is ProblemKind.BEYOND_END
    other = TOPIC.model_copy(update={"source": SOURCE.model_copy(update={"topic_id": "t2"})})
    found = verify(whole, References(source=lambda: other))
    assert [one.kind for one in found.problems] == [ProblemKind.OTHER_SOURCE]
    assert (found.behind, found.waiting) == (None, None)


def test_what_an_open_transaction_holds_back_is_reported(whole: LakeLayout) -> None:
    """It is reported apart from what the lake is behind, since it cannot be read yet."""
    held = TOPIC.model_copy(update={"latest": {0: 150}, "high_watermark": {0: 252}})
    found = verify(whole, References(source=lambda: held))
    assert (found.holds, found.behind, found.waiting) == (True, 0, 102)
    assert verify(whole, References(source=lambda: TOPIC)).waiting == 0
    assert verify(whole).waiting is None


def test_a_log_without_its_newest_commit_has_no_position(whole: LakeLayout) -> None:
    """The commit is named; what it said of offsets is not guessed at."""
    (whole.commits / f"{2:020d}.json").write_text("{")
    found = verify(whole, References(source=lambda: TOPIC))
    assert ProblemKind.UNREADABLE_COMMIT in {problem.kind for problem in found.problems}
    assert found.behind is None
