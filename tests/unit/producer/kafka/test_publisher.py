from collections.abc import Callable

import pytest
import structlog
from confluent_kafka import KafkaError, KafkaException

from producer.errors import CursorUnusable, KafkaRefused, ProducerFenced, PublishingFailed
from producer.kafka.publisher import Publisher
from producer.model.page import RejectedRow, TradesPage
from producer.model.trade import Trade
from runtime.errors import KafkaUnreachable
from tests.unit.producer.fake_kafka import Crash, FakeKafka

pytestmark = pytest.mark.usefixtures("no_backoff")

MakePage = Callable[..., TradesPage]
MakePublisher = Callable[..., Publisher]
ReadTrades = Callable[[FakeKafka], list[Trade]]

ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))


@pytest.fixture
def ids(kafka: FakeKafka, read_trades: ReadTrades) -> Callable[[], list[int]]:
    """The trade ids that a reader sees."""
    return lambda: [trade.trade_id for trade in read_trades(kafka)]


def test_a_page_is_one_transaction(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, read_trades: ReadTrades
) -> None:
    """Trades, dead letters and cursor are committed together, under the symbol as key."""
    row = RejectedRow('["NaN","1"]', "price is no number", 3)
    publisher.publish_together({"BTC/USD": page([1, 2, 4], rejected=[row])})
    assert read_trades(kafka) == list(page([1, 2, 4]).trades)
    records = kafka.log
    assert [record.topic for record in records] == ["t"] * 3 + ["t.dead-letter", "t.cursors"]
    assert {record.key for record in records} == {b"BTC/USD"}
    assert len({record.transaction for record in records}) == 1


def test_the_next_start_goes_on_where_the_last_one_stopped(
    kafka: FakeKafka,
    publisher: Publisher,
    publisher_on: MakePublisher,
    page: MakePage,
    ids: Callable[[], list[int]],
) -> None:
    """The position is read from Kafka: cursor and last trade_id."""
    publisher.publish_together({"BTC/USD": page([1, 2], last="1795520602123456000")})
    second = publisher_on(kafka)
    second.open()
    assert second.positions.since("BTC/USD") == "1795520602123456000"
    second.publish_together({"BTC/USD": page([2, 3])})
    assert ids() == [1, 2, 3]


def test_a_pair_that_was_never_recorded_has_no_position(publisher: Publisher) -> None:
    """Kraken is then asked without `since`."""
    assert publisher.positions.since("ETH/USD") is None


def test_pairs_have_positions_of_their_own(publisher: Publisher, page: MakePage) -> None:
    """One pair's cursor is not another's."""
    publisher.publish_together({"BTC/USD": page([1, 2])})
    assert publisher.positions.since("ETH/USD") is None
    assert publisher.positions.since("BTC/USD") == "2"


def test_nothing_new_writes_nothing(kafka: FakeKafka, publisher: Publisher, page: MakePage) -> None:
    """An answer with nothing new begins no transaction."""
    publisher.publish_together({"BTC/USD": page([1, 2])})
    written = len(kafka.log)
    assert publisher.publish_together({"BTC/USD": page([2], last="2")}) == []
    assert len(kafka.log) == written


@pytest.mark.parametrize("call", ["begin_transaction", "produce", "flush", "commit_transaction"])
@pytest.mark.parametrize("too_late", [False, True], ids=["no effect", "answer lost"])
def test_a_failed_transaction_is_tried_again_with_the_same_page(  # noqa: PLR0913  fixtures
    kafka: FakeKafka,
    publisher: Publisher,
    page: MakePage,
    ids: Callable[[], list[int]],
    call: str,
    *,
    too_late: bool,
) -> None:
    """Whether it failed or only its answer was lost, the page is written once."""
    kafka.fail("commit_transaction", ABORTABLE)
    kafka.fail(call, ABORTABLE, too_late=too_late)
    (publication,) = publisher.publish_together({"BTC/USD": page([1, 2, 3])})
    assert [trade.trade_id for trade in publication.trades] == [1, 2, 3]
    assert ids() == [1, 2, 3]
    publisher.publish_together({"BTC/USD": page([3, 4])})
    assert ids() == [1, 2, 3, 4]


def test_a_commit_whose_answer_was_lost_is_not_repeated(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, ids: Callable[[], list[int]]
) -> None:
    """The cursors show that it had been committed."""
    kafka.fail("commit_transaction", ABORTABLE, too_late=True)
    assert publisher.publish_together({"BTC/USD": page([1, 2])})
    assert ids() == [1, 2]
    assert kafka.calls.count("commit_transaction") == 1


def test_a_transaction_is_not_tried_for_ever(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, ids: Callable[[], list[int]]
) -> None:
    """After five attempts the program ends, with nothing of the page visible."""
    kafka.fail("commit_transaction", ABORTABLE, times=5)
    with pytest.raises(PublishingFailed, match="5 times in a row"):
        publisher.publish_together({"BTC/USD": page([1, 2])})
    assert ids() == []


def test_opening_is_not_tried_for_ever(kafka: FakeKafka, publisher_on: MakePublisher) -> None:
    """After five attempts the program ends."""
    kafka.fail("init_transactions", ABORTABLE, times=5)
    with pytest.raises(PublishingFailed):
        publisher_on(kafka).open()


def test_an_undelivered_record_is_sent_again(
    kafka: FakeKafka, publisher: Publisher, page: MakePage, ids: Callable[[], list[int]]
) -> None:
    """A failed delivery report spoils its transaction, and the next one has the whole page."""
    kafka.failing_deliveries = [KafkaError(KafkaError._MSG_TIMED_OUT)]
    publisher.publish_together({"BTC/USD": page([1, 2, 3])})
    assert ids() == [1, 2, 3]


def test_a_rival_ends_the_first_producer(
    kafka: FakeKafka,
    publisher: Publisher,
    publisher_on: MakePublisher,
    page: MakePage,
    ids: Callable[[], list[int]],
) -> None:
    """The first one does not take the id back; the second one writes the page."""
    rival = publisher_on(kafka)
    rival.open()
    with pytest.raises(ProducerFenced):
        publisher.publish_together({"BTC/USD": page([1])})
    rival.publish_together({"BTC/USD": page([1])})
    assert ids() == [1]


def test_a_silent_broker_ends_the_producer(
    kafka: FakeKafka, publisher: Publisher, page: MakePage
) -> None:
    """After the time that the settings allow."""
    kafka.silent = True
    with pytest.raises(KafkaUnreachable):
        publisher.publish_together({"BTC/USD": page([1])})


def test_a_refusal_is_not_tried_again(
    kafka: FakeKafka, publisher: Publisher, page: MakePage
) -> None:
    """Kafka would say the same again."""
    kafka.fail("commit_transaction", KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)))
    with pytest.raises(KafkaRefused):
        publisher.publish_together({"BTC/USD": page([1])})
    assert kafka.calls.count("commit_transaction") == 1


def test_a_crash_before_the_commit_leaves_nothing_behind(
    kafka: FakeKafka,
    publisher: Publisher,
    publisher_on: MakePublisher,
    page: MakePage,
    ids: Callable[[], list[int]],
) -> None:
    """The records are in the log, but no reader sees them, and the next start writes them."""
    kafka.fail("commit_transaction", Crash())
    with pytest.raises(Crash):
        publisher.publish_together({"BTC/USD": page([1, 2])})
    assert len(kafka.log) == 3
    assert ids() == []
    second = publisher_on(kafka)
    second.open()
    assert second.positions.since("BTC/USD") is None
    second.publish_together({"BTC/USD": page([1, 2])})
    assert ids() == [1, 2]


def test_a_topic_of_another_exchange_is_refused(
    kafka: FakeKafka, publisher: Publisher, publisher_on: MakePublisher, page: MakePage
) -> None:
    """Cursors are kept per symbol, so two exchanges on one topic would take each other's."""
    publisher.publish_together({"BTC/USD": page([1])})
    with pytest.raises(CursorUnusable, match=r"KRAKEN.*OTHER.*KAFKA_TOPIC"):
        publisher_on(kafka, exchange="OTHER").open()


def test_one_line_tells_of_a_page(publisher: Publisher, page: MakePage) -> None:
    """What was written, up to which id, and how far behind the exchange."""
    with structlog.testing.capture_logs() as lines:
        publisher.publish_together({"BTC/USD": page([1, 2])})
    assert lines == [
        {
            "event": "recorded",
            "log_level": "info",
            "symbol": "BTC/USD",
            "trades": 2,
            "last_trade_id": 2,
            "behind_seconds": 998.0,
        }
    ]


def test_the_line_is_a_warning_where_somebody_has_to_look(
    publisher: Publisher, page: MakePage
) -> None:
    """It names dead letters and suspected gaps."""
    row = RejectedRow('["NaN"]', "price is no number", None)
    with structlog.testing.capture_logs() as lines:
        publisher.publish_together({"BTC/USD": page([1, 5], rejected=[row])})
    (line,) = lines
    assert line["log_level"] == "warning"
    assert (line["dead_letters"], line["suspected_gaps"]) == (1, ["2..4"])
