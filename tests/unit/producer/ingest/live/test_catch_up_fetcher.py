from collections.abc import Callable

import structlog

from producer.ingest.catch_up_fetcher import CatchUpFetcher
from producer.ingest.retry_policy import RetryPolicy
from producer.ingest.sequencer import TradeSequencer
from producer.kafka.publisher import Publisher
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
    assert publisher.last_trade_id("BTC/USD") == 0
    catch_up.publish(now=1)
    assert not line.filling
    assert publisher.last_trade_id("BTC/USD") == 2


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
    assert publisher.last_trade_id("ETH/USD") == 7
