"""What the log says about each page."""

from datetime import datetime

import pytest
import structlog

from producer.cursor import Cursor
from producer.kraken.page import RejectedRow
from producer.selection import Gap, Publication, with_holes
from producer.telling import tell, tell_what_wants_a_look


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
