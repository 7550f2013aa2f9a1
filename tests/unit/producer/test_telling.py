"""What the log says about each page."""

from collections.abc import Callable
from datetime import datetime

import pytest
import structlog

from producer.cursor import Cursor
from producer.kraken.page import RejectedRow
from producer.selection import Gap, Publication, with_holes
from producer.telling import Summary, tell, tell_what_wants_a_look
from producer.trade import Trade
from tests.unit.producer.fake_time import FakeTime


@pytest.fixture
def nothing_new(now: datetime) -> Publication:
    """A page that only moved the cursor."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=2, since="2", updated_at=now)
    return Publication((), (), cursor, ())


def test_a_cursor_that_only_moved_is_no_news(nothing_new: Publication) -> None:
    """It is told to whoever looks for mistakes."""
    with structlog.testing.capture_logs() as lines:
        tell(nothing_new)
        tell_what_wants_a_look(nothing_new)
    assert [(line["event"], line["log_level"]) for line in lines] == [("cursor_moved", "debug")]


def test_what_wants_a_look_is_told_beside_a_progress_bar(nothing_new: Publication) -> None:
    """Dead letters, suspected gaps and confirmed holes."""
    cursor, gap = nothing_new.cursor, Gap(2, 5)
    suspected = Publication((), (), cursor, (gap,))
    rejected = Publication((), (RejectedRow("[]", "empty", None),), cursor, ())
    with structlog.testing.capture_logs() as lines:
        for publication in (suspected, with_holes(suspected, [gap]), rejected):
            tell_what_wants_a_look(publication)
    assert [line["log_level"] for line in lines] == ["warning"] * 3
    told = ["suspected_gaps", "confirmed_holes", "dead_letters"]
    assert [line.get(name) for line, name in zip(lines, told, strict=True)] == [
        ["3..4"],
        ["3..4"],
        1,
    ]


def test_a_summary_tells_of_many_publications_in_one_line(
    nothing_new: Publication, trades: Callable[..., list[Trade]]
) -> None:
    """The first at once, the next after so many seconds; one pair is told by name."""
    clock = FakeTime()
    summary = Summary(every=10, clock=lambda: clock.now)

    def published(*ids: int) -> Publication:
        cursor = nothing_new.cursor.model_copy(update={"last_trade_id": ids[-1]})
        return Publication(tuple(trades(ids)), (), cursor, ())

    with structlog.testing.capture_logs() as lines:
        for second, ids in enumerate([(990,), (991, 992), (993,)]):
            clock.now = second * 5.0
            summary.tell(published(*ids))
        summary.tell_rest()
        summary.tell(nothing_new)
        summary.tell_rest()
    assert [(line["event"], line["trades"], line["last_trade_id"]) for line in lines] == [
        ("recorded", 1, 990),
        ("recorded", 3, 993),
    ]
    assert lines[0]["symbol"] == "BTC/USD"
    assert lines[1]["behind_seconds"] == 8.0


def test_a_summary_hides_nothing_that_wants_a_look(nothing_new: Publication) -> None:
    """It has its line at once."""
    with structlog.testing.capture_logs() as lines:
        Summary().tell(Publication((), (), nothing_new.cursor, (Gap(2, 5),)))
    assert [line["suspected_gaps"] for line in lines] == [["3..4"]]


def test_a_summary_of_many_pairs_counts_them(
    nothing_new: Publication, trades: Callable[..., list[Trade]]
) -> None:
    """Hundreds of them have one line."""
    clock = FakeTime(now=5.0)
    summary = Summary(clock=lambda: clock.now)
    with structlog.testing.capture_logs() as lines:
        for symbol in ("BTC/USD", "BTC/USD", "ETH/USD"):
            cursor = nothing_new.cursor.model_copy(update={"symbol": symbol})
            summary.tell(Publication(tuple(trades([1], symbol)), (), cursor, ()))
        summary.tell_rest()
    assert [(line["trades"], line["pairs"]) for line in lines] == [(1, 1), (2, 2)]
    assert "symbol" not in lines[1]
