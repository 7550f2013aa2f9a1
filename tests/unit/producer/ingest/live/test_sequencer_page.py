from collections.abc import Callable
from datetime import datetime, timedelta

from producer.ingest.sequencer import live_page
from producer.model.starting_point import just_before
from producer.model.trade import Trade


def test_the_cursor_behind_live_trades_lies_just_before_the_last(
    trades: Callable[..., list[Trade]], now: datetime
) -> None:
    """A microsecond, as live times may be rounded up where REST's cursor counts on."""
    page = live_page(trades([999, 1000]))
    assert [trade.trade_id for trade in page.trades] == [999, 1000]
    assert page.last == just_before(now - timedelta(microseconds=1))
    assert page.rejected == ()
