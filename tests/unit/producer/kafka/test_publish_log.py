"""What the log says about each page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import structlog

from producer.kafka.publish_log import Summary, log_noteworthy, log_update
from producer.model.cursor import Cursor
from producer.model.gaps.gap_ledger import Changes
from producer.model.gaps.hole import Hole
from producer.model.gaps.open_gap import OpenGap
from producer.model.page import RejectedRow
from producer.model.page_update import PageUpdate
from producer.model.trade import Trade
from tests.unit.producer.fake_time import FakeTime


@pytest.fixture
def nothing_new(now: datetime) -> PageUpdate:
    """A page that only moved the cursor."""
    cursor = Cursor(exchange="KRAKEN", symbol="BTC/USD", last_trade_id=2, since="2", updated_at=now)
    return PageUpdate("KRAKEN", "BTC/USD", now, cursor=cursor)


@pytest.fixture
def gap(now: datetime) -> OpenGap:
    """Ids 3 and 4."""
    return OpenGap(
        exchange="KRAKEN", symbol="BTC/USD", first_trade_id=3, last_trade_id=4, found_at=now
    )


def test_a_cursor_that_only_moved_is_no_news(nothing_new: PageUpdate) -> None:
    """It is logged for debugging."""
    with structlog.testing.capture_logs() as lines:
        log_update(nothing_new)
        log_noteworthy(nothing_new)
    assert [(line["event"], line["log_level"]) for line in lines] == [("cursor_moved", "debug")]


def test_what_wants_a_look_is_reported_beside_a_progress_bar(
    nothing_new: PageUpdate, gap: OpenGap, now: datetime
) -> None:
    """Dead letters, suspected gaps, confirmed and revoked holes."""
    hole = Hole(**gap.model_dump(exclude={"found_at"}), confirmed_at=now)
    publications = {
        "suspected_gaps": replace(nothing_new, changes=Changes((), (gap,))),
        "confirmed_holes": replace(nothing_new, changes=Changes((gap,), (hole,))),
        "revoked_holes": replace(nothing_new, changes=Changes((hole,), ())),
        "dead_letters": replace(nothing_new, dead_letters=(RejectedRow("[]", "empty", None),)),
    }
    with structlog.testing.capture_logs() as lines:
        for publication in publications.values():
            log_noteworthy(publication)
    assert [line["log_level"] for line in lines] == ["warning"] * 4
    assert [line.get(name) for line, name in zip(lines, publications, strict=True)] == [
        ["3..4"],
        ["3..4"],
        ["3..4"],
        1,
    ]


def test_trades_that_were_missing_are_reported_as_found(
    nothing_new: PageUpdate, trades: Callable[..., list[Trade]]
) -> None:
    """One by its id, many by the first and the last."""
    with structlog.testing.capture_logs() as lines:
        for ids in ([3], [3, 5]):
            log_noteworthy(replace(nothing_new, cursor=None, late=trades(ids)))
    assert [(line["found"], line["log_level"]) for line in lines] == [
        ("3", "info"),
        ("2 of 3..5", "info"),
    ]


def test_a_summary_tells_of_many_publications_in_one_line(
    nothing_new: PageUpdate, trades: Callable[..., list[Trade]]
) -> None:
    """The first immediately, the next after some seconds; a single pair is named."""
    clock = FakeTime()
    summary = Summary(every=10, clock=lambda: clock.now)

    def published(*ids: int) -> PageUpdate:
        return replace(nothing_new, trades=tuple(trades(ids)))

    with structlog.testing.capture_logs() as lines:
        for second, ids in enumerate([(990,), (991, 992), (993,)]):
            clock.now = second * 5.0
            summary.add(published(*ids))
        summary.log_rest()
        summary.add(nothing_new)
        summary.log_rest()
    assert [(line["event"], line["trades"], line["last_trade_id"]) for line in lines] == [
        ("recorded", 1, 990),
        ("recorded", 3, 993),
    ]
    assert lines[0]["symbol"] == "BTC/USD"
    assert lines[1]["behind_seconds"] == 8.0


def test_a_summary_hides_nothing_that_wants_a_look(nothing_new: PageUpdate, gap: OpenGap) -> None:
    """It is logged immediately."""
    with structlog.testing.capture_logs() as lines:
        Summary().add(replace(nothing_new, changes=Changes((), (gap,))))
    assert [line["suspected_gaps"] for line in lines] == [["3..4"]]


def test_a_summary_of_many_pairs_counts_them(
    nothing_new: PageUpdate, trades: Callable[..., list[Trade]]
) -> None:
    """Hundreds of them have one line."""
    clock = FakeTime(now=5.0)
    summary = Summary(clock=lambda: clock.now)
    with structlog.testing.capture_logs() as lines:
        for symbol in ("BTC/USD", "BTC/USD", "ETH/USD"):
            summary.add(replace(nothing_new, symbol=symbol, trades=tuple(trades([1], symbol))))
        summary.log_rest()
    assert [(line["trades"], line["pairs"]) for line in lines] == [(1, 1), (2, 2)]
    assert "symbol" not in lines[1]
