"""kill -9 at every point of a transaction, and at any: each trade is committed once."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from producer.cli.live_publisher import open_live_publisher
from producer.model.page import TradesPage
from producer.settings import Settings
from tests.integration.producer.conftest import Reader, StartProducer

DYING_PRODUCER = Path(__file__).parent / "dying_producer.py"
COUNT = 20_000


@pytest.mark.parametrize(
    "moment",
    [
        {"DIE_AT": "init_transactions", "DIE_WHEN": "after", "DIE_ON_CALL": "1"},
        {"DIE_AT": "commit_transaction", "DIE_WHEN": "before", "DIE_ON_CALL": "1"},
        {"DIE_AT": "produce", "DIE_WHEN": "after", "DIE_ON_CALL": "500"},
        {"DIE_AT": "flush", "DIE_WHEN": "after", "DIE_ON_CALL": "2"},
        {"DIE_AT": "commit_transaction", "DIE_WHEN": "before", "DIE_ON_CALL": "2"},
        {"DIE_AT": "commit_transaction", "DIE_WHEN": "after", "DIE_ON_CALL": "2"},
    ],
    ids=["opened", "claiming", "half sent", "all sent", "before commit", "after commit"],
)
def test_a_kill_within_a_transaction_loses_and_doubles_nothing(
    start_producer: StartProducer, reader: Reader, topic: str, moment: dict[str, str]
) -> None:
    """The next start commits the page, or sees that it was committed."""
    killed = start_producer(script=DYING_PRODUCER, **moment)
    assert killed.end() == -signal.SIGKILL
    assert start_producer("--until-caught-up").end() == 0
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))


@pytest.fixture
def long_history() -> Iterator[ReplayServer]:
    """20 pages of synthetic trades."""
    with ReplayServer(synthetic_tapes(load_recording(DEFAULT_RECORDING), count=COUNT)) as server:
        yield server


def test_kills_at_any_moment_lose_and_double_nothing(
    start_producer: StartProducer,
    reader: Reader,
    long_history: ReplayServer,
    settings: Settings,
    topic: str,
) -> None:
    """Killed again and again amid 20 pages: 20,000 trades once each, in order."""
    _begin_at_the_first_trade(settings)
    changed = {
        "KRAKEN_API_URL": long_history.url,
        "KRAKEN_PAIR": "SYN1/USDT",
        "KRAKEN_CALL_INTERVAL_SECONDS": "0.05",
    }
    moments = random.Random(3)
    for _ in range(4):
        producer = start_producer(**changed)
        producer.wait_for("recorded", moments.randint(1, 4))
        # Any moment of the next page's way: asked for, sent, committed.
        time.sleep(moments.uniform(0.0, 0.15))
        assert producer.end(signal.SIGKILL) == -signal.SIGKILL
    assert start_producer("--until-caught-up", **changed).end() == 0
    assert reader.trade_ids(topic) == list(range(1, COUNT + 1))


def _begin_at_the_first_trade(settings: Settings) -> None:
    """Write a cursor, as a pair without one would start with the newest page."""
    open_live_publisher(settings)[1].publish_together({"SYN1/USDT": TradesPage((), (), "0", 0)})
