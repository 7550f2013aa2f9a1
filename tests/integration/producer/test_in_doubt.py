"""A transaction whose end the producer does not learn, on a real broker."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import confluent_kafka
import pytest
from confluent_kafka import KafkaError, KafkaException

from producer.cli.kraken_access import open_kraken
from producer.cli.live_publisher import open_live_publisher
from producer.kafka import client as connection
from producer.kraken.rest.listing import required
from producer.settings import Settings
from runtime.shutdown import StopRequest
from tests.integration.producer.conftest import Reader

ABORTABLE = KafkaException(KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True))


def failing_once(call: Callable[..., Any], *, too_late: bool) -> Callable[..., Any]:
    """The call, failing the first time: before it is made, or although it was made."""
    failed = []

    def called(*args: Any, **kwargs: Any) -> Any:
        if failed:
            return call(*args, **kwargs)
        failed.append(True)
        if too_late:
            call(*args, **kwargs)
        raise ABORTABLE

    return called


@pytest.mark.parametrize("too_late", [False, True], ids=["failed", "committed"])
def test_the_page_is_committed_once_either_way(
    settings: Settings,
    reader: Reader,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    too_late: bool,
) -> None:
    """Initialising the id again ends the transaction; the cursors show whether it had ended."""

    class FailingProducer(confluent_kafka.Producer):
        commit_transaction = failing_once(
            confluent_kafka.Producer.commit_transaction, too_late=too_late
        )

    monkeypatch.setattr(connection, "Producer", FailingProducer)
    publisher = open_live_publisher(settings)[1]
    with open_kraken(settings.producer, StopRequest()) as kraken:
        (pair,) = required(kraken.find_pairs(["BTC/USDT"]))
        page = kraken.trades(pair, None)
    assert publisher.publish_together({pair.symbol: page})
    assert reader.trade_ids(topic) == list(range(10218208, 10219208))
    offsets = [message.offset() for message in reader.messages(topic)]
    assert all(later == earlier + 1 for earlier, later in pairwise(offsets))
    # A failed attempt stays in the log, where no reader of committed records sees it.
    assert offsets[0] == (0 if too_late else 1001)
