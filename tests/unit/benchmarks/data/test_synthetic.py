"""The synthetic market: the same each time, and like the recording that it is made after."""

import numpy as np
import pytest

from benchmarks.data.pairs import MARKET, many_pairs
from benchmarks.data.synthetic import Market, Trades


@pytest.fixture(scope="module")
def trades() -> Trades:
    """An hour of the market."""
    return Market(MARKET).trade(40_000, 3600.0)


def test_the_same_seed_gives_the_same_trades(trades: Trades) -> None:
    """Every rival lands the very same, today and tomorrow."""
    again = Market(MARKET).trade(40_000, 3600.0)
    assert np.array_equal(again.price, trades.price)
    assert np.array_equal(again.ingested_at, trades.ingested_at)


def test_another_seed_gives_others(trades: Trades) -> None:
    """Nothing depends on one draw."""
    assert not np.array_equal(Market(MARKET, seed=2).trade(40_000, 3600.0).price, trades.price)


def test_trades_come_in_the_order_of_their_times(trades: Trades) -> None:
    """As a topic has them that was recorded live; those of a pair in the order of their ids."""
    assert (np.diff(trades.executed_at) >= 0).all()
    for pair in range(len(MARKET)):
        assert (np.diff(trades.trade_id[trades.pair == pair]) == 1).all()


def test_a_second_call_goes_on_where_the_first_stopped() -> None:
    """No id twice and none left out, and time goes on."""
    market = Market(MARKET)
    first, second = market.trade(5_000, 60.0), market.trade(5_000, 60.0)
    assert second.executed_at[0] >= first.executed_at[-1]
    both = Trades.together([first, second])
    assert len(set(zip(both.pair.tolist(), both.trade_id.tolist(), strict=True))) == 10_000


def test_trades_keep_the_rules_of_the_contract(trades: Trades) -> None:
    """None would end in quarantine: price and volume above zero, at eight decimals of volume."""
    assert (trades.price > 0).all()
    assert (trades.volume > 0).all()
    assert (trades.volume % 100 == 0).all()
    ticks = np.array([pair.tick for pair in MARKET])
    assert (trades.price % ticks[trades.pair] == 0).all()
    assert (trades.ingested_at > trades.executed_at).all()


def test_bursts_are_as_in_the_recording(trades: Trades) -> None:
    """Recorded are 41 % with the time of the one before, 36 % with its price, 78 % its side."""
    one = trades.taken(trades.pair == 0)
    same = {
        name: float((np.diff(getattr(one, name)) == 0).mean())
        for name in ("executed_at", "price", "side")
    }
    assert same == pytest.approx({"executed_at": 0.41, "price": 0.36, "side": 0.78}, abs=0.04)


def test_a_price_never_reaches_zero_however_long_the_walk() -> None:
    """It is turned back at half of what it began at."""
    pairs = many_pairs(1)
    prices = Market(pairs).trade(400_000, 86_400.0).price / 10**10
    assert prices.min() >= 0.49 * pairs[0].price
    assert prices.max() <= 1.51 * pairs[0].price


@pytest.mark.parametrize("count", [1, 5, 8, 300])
def test_shares_add_up_to_all_trades(count: int) -> None:
    """However many pairs there are."""
    pairs = many_pairs(count)
    assert len({pair.symbol for pair in pairs}) == count
    assert sum(pair.share for pair in pairs) == pytest.approx(1.0)
    assert len(Market(pairs).trade(10_000, 60.0)) == 10_000
