from collections.abc import Callable

import structlog

from producer.errors import PairParked
from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.retry_policy import RetryPolicy
from producer.ingest.sequencer import TradeSequencer
from producer.kafka.publisher import Publisher
from producer.kraken.pairs import KrakenPair
from producer.model.trade import Trade
from producer.model.venue_errors import ServerFailed
from tests.unit.producer.fake_feed import BTC, ETH, AtOnce, Later
from tests.unit.producer.fake_kraken import FakeKraken


def test_a_page_is_written_by_whoever_asks_for_it(
    publisher: Publisher, trades: Callable[..., list[Trade]]
) -> None:
    """Once it has come; not by the thread that fetches it."""
    pool, line = Later(), TradeSequencer(BTC, 0, now=0)
    catch_up = CatchUpFetcher(
        FakeKraken({"BTC/USD": trades([1, 2])}), publisher, RetryPolicy(), pool
    )
    catch_up.start(line, now=0)
    catch_up.publish(now=0)
    pool.work()
    assert line.filling
    assert publisher.positions.last_trade_id("BTC/USD") == 0
    catch_up.publish(now=1)
    assert not line.filling
    assert publisher.positions.last_trade_id("BTC/USD") == 2


def test_a_failure_calls_off_what_has_not_begun(
    publisher: Publisher, trades: Callable[..., list[Trade]]
) -> None:
    """Kraken is not asked meanwhile, and each pair asks again afterwards."""
    at_once, later = AtOnce(), Later()
    kraken = FakeKraken({"ETH/USD": trades([7], "ETH/USD")}, failures=[ServerFailed("502")])
    catch_up = CatchUpFetcher(kraken, publisher, RetryPolicy(), later)
    waiting, failing = TradeSequencer(BTC, 0, now=0), TradeSequencer(ETH, 0, now=0)
    catch_up.start(waiting, now=0)
    catch_up._pool = at_once
    catch_up.start(failing, now=0)
    with structlog.testing.capture_logs() as lines:
        catch_up.publish(now=0)
    later.work()
    assert kraken.asked == [("ETH/USD", None)]
    assert [line["event"] for line in lines] == ["venue_failed"]
    catch_up.start(failing, now=0.3)
    assert not failing.filling
    assert failing.wants_rest(now=0.5)
    assert waiting.wants_rest(now=0.5)
    catch_up.start(failing, now=0.5)
    catch_up.publish(now=0.5)
    assert publisher.positions.last_trade_id("ETH/USD") == 7


def test_of_many_pairs_four_are_asked_at_once_and_each_gets_its_turn(
    publisher: Publisher, trades: Callable[..., list[Trade]]
) -> None:
    """No pair is asked again before the interval, and none waits for a busy one's."""
    pairs = [KrakenPair(f"K{at}", "", "", f"P{at}/USD") for at in range(9)]
    kraken = FakeKraken({pair.symbol: trades(range(1, 50), pair.symbol) for pair in pairs})
    kraken.from_start = True
    pool = Later()
    catch_up = CatchUpFetcher(kraken, publisher, RetryPolicy(), pool, call_interval=1.0)
    lines = [TradeSequencer(pair, 0, now=0) for pair in pairs]

    def turn(now: float) -> int:
        before = len(kraken.asked)
        catch_up.start_next([line for line in lines if line.wants_rest(now)], now)
        pool.work()
        catch_up.publish(now)
        return len(kraken.asked) - before

    assert [turn(0.1 * at) for at in range(4)] == [4, 4, 1, 0]
    assert sorted(symbol for symbol, _ in kraken.asked) == [pair.symbol for pair in pairs]
    assert turn(1.05) == 4
    for at in range(11, 400):
        turn(0.1 * at)
    assert all(publisher.positions.last_trade_id(pair.symbol) == 49 for pair in pairs)


def test_a_parked_pair_takes_no_turn(
    publisher: Publisher, trades: Callable[..., list[Trade]]
) -> None:
    """It is asked when the retry policy says so."""
    kraken, retries = FakeKraken({"BTC/USD": trades([1])}), RetryPolicy()
    catch_up = CatchUpFetcher(kraken, publisher, retries, AtOnce())
    lines = [TradeSequencer(BTC, 0, now=0), TradeSequencer(ETH, 0, now=0)]
    until = catch_up.park(PairParked("ETH/USD", "gone", "wait"), now=0)
    catch_up.start_next(lines, now=0)
    assert [symbol for symbol, _ in kraken.asked] == ["BTC/USD"]
    kraken.trades_of["ETH/USD"] = trades([7], "ETH/USD")
    catch_up.ask_soon(ETH)
    catch_up.start_next(lines[1:], now=until / 2)
    assert [symbol for symbol, _ in kraken.asked] == ["BTC/USD", "ETH/USD"]
