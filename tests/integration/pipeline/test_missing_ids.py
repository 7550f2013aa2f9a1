"""What `lake verify` says of ids that are missing, by what Kafka and registry know of them."""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded import EmbeddedStack
from runtime.topics import TopicNames
from tests.integration.pipeline.conftest import run_program
from tests.integration.spark_consumer.conftest import (  # noqa: F401 - fixtures
    Pipeline,
    TradeMaker,
    newest_id,
    pipeline,
    trades,
)


def verify(pipeline: Pipeline, stack: EmbeddedStack) -> tuple[int, dict[str, Any], str]:  # noqa: F811
    """Exit status, findings, and the last line for a person."""
    environment = {
        **stack.env(),
        "KAFKA_TOPIC": pipeline.kafka.topic,
        "BASE_OUTPUT_PATH": str(pipeline.lake.base_output_path),
    }
    command = (sys.executable, "-m", "lake", "verify", "--against-kafka")
    answer = run_program(*command, "--json", environment=environment)
    shown = run_program(*command, environment=environment)
    return answer.returncode, json.loads(answer.stdout), shown.stdout.splitlines()[-1]


@pytest.fixture
def open_transaction(pipeline: Pipeline) -> Iterator[None]:  # noqa: F811
    """Another producer's transaction that is not ended, in every partition."""
    patience = {"transaction.timeout.ms": 600_000}
    identity = {"transactional.id": f"{pipeline.kafka.topic}.hangs"}
    other = Producer({**pipeline.kafka.client_config(), **identity, **patience})
    other.init_transactions()
    other.begin_transaction()
    for partition in (0, 1):
        other.produce(pipeline.kafka.topic, b"", partition=partition)
    other.flush()
    yield
    other.abort_transaction()


def dead_letter(pipeline: Pipeline, trade_id: int) -> None:  # noqa: F811
    """A row as the producer keeps it."""
    headers = [("reason", b"six fields"), ("exchange", b"KRAKEN"), ("symbol", b"BTC/USD")]
    name = TopicNames(pipeline.kafka.topic).dead_letter
    admin = AdminClient(pipeline.kafka.client_config())
    admin.create_topics([NewTopic(name, num_partitions=1)])[name].result()
    producer = Producer(pipeline.kafka.client_config())
    producer.produce(
        name,
        b"[]",
        b"BTC/USD",
        headers=[*headers, ("trade_id", str(trade_id).encode())],
    )
    assert producer.flush(30) == 0


def test_each_missing_id_is_reported_by_what_helps(
    pipeline: Pipeline,  # noqa: F811
    trades: TradeMaker,  # noqa: F811
    newest_id: int,  # noqa: F811
    stack: EmbeddedStack,
    request: pytest.FixtureRequest,
) -> None:
    """No producer ever ran here: no topic but the trades' own exists, and that is no failure.

    Then a dead letter is known, a broken rule is in quarantine, a gap is one, and what another
    producer's open transaction holds back waits.
    """
    pipeline.send([trades.framed(newest_id, trade_id) for trade_id in (1, 2)])
    pipeline.land()
    status, found, line = verify(pipeline, stack)
    assert (status, found["problems"], found["waiting"]) == (0, [], 0)
    assert line.endswith("The lake is whole.")

    broken = trades.framed(newest_id, 4, price=Decimal(0))
    pipeline.send([broken, trades.framed(newest_id, 5), trades.framed(newest_id, 7)])
    pipeline.land()
    dead_letter(pipeline, 3)
    request.getfixturevalue("open_transaction")
    pipeline.send([trades.framed(newest_id, trade_id) for trade_id in range(8, 108)])
    status, found, line = verify(pipeline, stack)
    problems = [(one["kind"], one["advice"][:24]) for one in found["problems"]]
    assert problems == [
        ("in quarantine", "Trade ids 4 to 4 are in "),
        ("suspected gap", "Trade ids 6 to 6 never l"),
    ]
    assert (status, found["symbols"][0]["dead_letters"]) == (1, [[3, 3]])
    assert found["behind"] == 0
    assert found["waiting"] > 100
    assert " 2 problems. " in line
