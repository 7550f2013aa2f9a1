from datetime import UTC, datetime

from benchmarks.data.pages import kraken_answers
from benchmarks.producers.plain import plain_trades
from producer.kraken.rest.parse import parse_trades_page
from producer.model.trade import Trade


def test_there_are_at_least_as_many_trades_as_asked_for() -> None:
    """In turns of one full page of each of 16 pairs."""
    assert [len(turn) for turn in kraken_answers(16_000)] == [16]
    assert [len(turn) for turn in kraken_answers(16_001)] == [16, 16]


def test_the_pages_of_a_pair_follow_each_other() -> None:
    """Every row is a trade, and no id is missing or there twice."""
    ids = [
        trade.trade_id
        for answer in (turn[0] for turn in kraken_answers(32_000))
        for trade in parse_trades_page(
            answer.body, pair=answer.pair, exchange="KRAKEN", ingested_at=datetime.now(UTC)
        ).trades
    ]
    assert ids == list(range(1, 2_001))


def test_every_candidate_reads_the_same_trades() -> None:
    """What the rivals encode are the platform's trades, but for the time of ingestion."""
    ((answer, *_),) = kraken_answers(1)
    page = parse_trades_page(
        answer.body, pair=answer.pair, exchange="KRAKEN", ingested_at=datetime.now(UTC)
    )
    for plain, trade in zip(plain_trades(answer), page.trades, strict=True):
        same = plain | {"executed_at": trade.executed_at, "ingested_at": trade.ingested_at}
        assert Trade.of(**same) == trade
        # datetime.fromtimestamp rounds the seventh digit, which the platform cuts off.
        assert abs(plain["executed_at"] - trade.executed_at).total_seconds() < 2e-6
