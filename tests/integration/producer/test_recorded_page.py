import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from infra.embedded import EmbeddedStack
from infra.fake_kraken import DEFAULT_RECORDING, Fault, FaultKind, ReplayServer
from tests.integration.producer.conftest import Reader, StartProducer


def recorded_trades() -> list[dict[str, Any]]:
    """The recorded page as it must be in Kafka, made from its text without our own code."""
    body = json.loads(DEFAULT_RECORDING.read_text(), parse_float=Decimal)
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        {
            "exchange": "KRAKEN",
            "symbol": "BTC/USDT",
            "trade_id": trade_id,
            "price": Decimal(price),
            "volume": Decimal(volume),
            "side": {"b": "BUY", "s": "SELL"}[side],
            "order_type": {"m": "MARKET", "l": "LIMIT"}[kind],
            "misc": misc,
            "executed_at": start + timedelta(microseconds=int(time * 1_000_000)),
        }
        for price, volume, time, side, kind, misc, trade_id in body["result"]["XBTUSDT"]
    ]


def test_the_recorded_page_is_committed_once(
    start_producer: StartProducer, reader: Reader, topic: str
) -> None:
    """Trade by trade, in order; a second run adds nothing, not even to the cursors."""
    began = datetime.now(UTC)
    assert start_producer("--until-caught-up").end() == 0
    recorded = recorded_trades()
    committed = reader.values(topic)
    assert len(recorded) == 1000
    names = recorded[0].keys()
    assert [{name: trade[name] for name in names} for trade in committed] == recorded
    assert all(began <= trade["ingested_at"] <= datetime.now(UTC) for trade in committed)
    messages = reader.messages(topic)
    assert {message.key() for message in messages} == {b"BTC/USDT"}
    assert len({message.partition() for message in messages}) == 1
    ingested = {int(trade["ingested_at"].timestamp() * 1000) for trade in committed}
    assert {message.timestamp()[1] for message in messages} == ingested

    again = start_producer("--until-caught-up")
    assert again.end() == 0
    assert again.events("recorded") == []
    assert len(reader.messages(topic)) == 1000
    (cursor,) = reader.values(f"{topic}.cursors")
    assert cursor["last_trade_id"] == 10219207
    assert cursor["since"] == "1762820035982277754"
    assert reader.messages(f"{topic}.dead-letter") == []


def test_topics_have_explicit_settings(
    start_producer: StartProducer, stack: EmbeddedStack, topic: str
) -> None:
    """They do not depend on what the broker happens to have as its defaults."""
    assert start_producer("--until-caught-up", KAFKA_TOPIC_PARTITIONS="3").end() == 0
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    names = [topic, f"{topic}.cursors", f"{topic}.dead-letter"]
    metadata = admin.list_topics(timeout=30).topics
    assert [len(metadata[name].partitions) for name in names] == [3, 1, 1]
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    configs = [admin.describe_configs([one])[one].result() for one in resources]
    assert [config["cleanup.policy"].value for config in configs] == ["delete", "compact", "delete"]
    assert [config["retention.ms"].value for config in configs[::2]] == ["604800000", "-1"]
    assert all(config["min.insync.replicas"].value == "1" for config in configs)


def test_a_bad_row_is_kept_and_logged(
    start_producer: StartProducer, reader: Reader, replay_server: ReplayServer, topic: str
) -> None:
    """It goes to the dead letters as it came, by the transaction of its page."""
    replay_server.plan.add([Fault(kind=FaultKind.BAD_ROW)])
    producer = start_producer("--until-caught-up")
    assert producer.end() == 0
    assert len(reader.messages(topic)) == 1000
    (letter,) = reader.messages(f"{topic}.dead-letter")
    headers = dict(letter.headers())
    assert json.loads(letter.value())[0] == "NaN"
    assert headers["exchange"] == b"KRAKEN"
    assert headers["symbol"] == b"BTC/USDT"
    assert b"price" in headers["reason"]
    (line,) = producer.events("recorded")
    assert (line["level"], line["dead_letters"], line["trades"]) == ("warning", 1, 1000)


def test_an_unregistered_schema_is_reported_before_anything_is_created(
    start_producer: StartProducer, stack: EmbeddedStack, topic: str
) -> None:
    """One line that names the remedy; no topic, no registration."""
    producer = start_producer("--until-caught-up", KAFKA_TOPIC=f"{topic}.other")
    assert producer.end() == 1
    (line,) = producer.output.splitlines()
    assert line.startswith("producer: ")
    assert "make register-schemas" in line
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    assert f"{topic}.other" not in admin.list_topics(timeout=30).topics


def test_an_uncompacted_cursors_topic_is_an_error(
    start_producer: StartProducer, stack: EmbeddedStack, topic: str
) -> None:
    """A position kept in it would be deleted in time."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    _create(admin, f"{topic}.cursors", {"cleanup.policy": "delete"})
    producer = start_producer("--until-caught-up")
    assert producer.end() == 1
    assert f"topic {topic}.cursors has cleanup.policy=delete" in producer.output
    assert "Traceback" not in producer.output


def _create(admin: AdminClient, name: str, config: dict[str, str]) -> None:
    admin.create_topics([NewTopic(name, 1, 1, config=config)])[name].result()
