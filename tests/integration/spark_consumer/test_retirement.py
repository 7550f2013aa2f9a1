"""Trades that were retired from the lake and are delivered again."""

from datetime import timedelta

import structlog.testing

from tests.integration.spark_consumer.conftest import (
    FIRST_TRADE_AT,
    Pipeline,
    Record,
    TradeMaker,
)
from tests.unit.lake.lakes import compact
from tests.unit.lake.retiring import prove, retire

AN_HOUR = 20
"""Trades."""


def test_a_retired_trade_that_comes_again_does_not_land_again(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """As after a backfill: what is new beside it lands, and the stream says what it left out."""

    def sent(trade_id: int) -> Record:
        hour = timedelta(hours=(trade_id - 1) // AN_HOUR, milliseconds=trade_id)
        return trades.framed(newest_id, trade_id, executed_at=FIRST_TRADE_AT + hour)

    pipeline.send(sent(one) for one in range(1, 3 * AN_HOUR + 1))
    pipeline.land()
    compact(pipeline.layout)
    assert prove(pipeline.layout).holds
    (done,) = retire(pipeline.layout, FIRST_TRADE_AT + timedelta(hours=2))
    assert [one.trades for one in done.hours] == [AN_HOUR, AN_HOUR]
    assert pipeline.query("SELECT count(*), min(trade_id) FROM trades") == [(AN_HOUR, 41)]
    pipeline.send(sent(one) for one in range(15, 63))
    with structlog.testing.capture_logs() as logs:
        pipeline.land()
    rows = pipeline.query("SELECT count(*), count(DISTINCT trade_id), min(trade_id) FROM trades")
    assert rows == [(22, 22, 41)]
    landed = pipeline.commits()[-1]
    assert (landed.rows, landed.duplicates_dropped, landed.retired_dropped) == (2, 46, 26)
    (told,) = [one for one in logs if one["event"] == "retired_trades_came_again"]
    assert (told["trades"], told["log_level"]) == (26, "warning")
    assert prove(pipeline.layout).holds
