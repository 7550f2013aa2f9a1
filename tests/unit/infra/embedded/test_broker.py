import re
import uuid
from pathlib import Path

import pytest

from infra.embedded.broker import broker_program, new_cluster_id, server_properties
from infra.embedded.errors import JarsMissing
from infra.embedded.ports import Ports
from infra.embedded.state import StateFolder
from infra.java import Java

PORTS = Ports(broker=20001, controller=20002, registry=20003)


@pytest.fixture
def properties() -> dict[str, str]:
    """The broker's settings, read as Java reads them."""
    lines = server_properties(PORTS, Path("/state/kafka")).splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def test_every_listener_is_on_loopback(properties: dict[str, str]) -> None:
    """The stack has no passwords, so other machines must not reach it."""
    assert properties["listeners"] == "CLIENT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002"
    assert properties["advertised.listeners"] == "CLIENT://127.0.0.1:20001"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:20002"


def test_a_cluster_of_one_is_enough_for_kafkas_own_topics(properties: dict[str, str]) -> None:
    """With the default of three, transactions would never begin."""
    factors = {key: value for key, value in properties.items() if "replication.factor" in key}
    assert len(factors) == 3
    assert set(factors.values()) == {"1"}
    assert properties["transaction.state.log.min.isr"] == "1"
    assert properties["share.coordinator.state.topic.min.isr"] == "1"


def test_topics_are_neither_made_nor_emptied_unasked(properties: dict[str, str]) -> None:
    """A misspelt topic is an error, and the registry's journal is kept forever."""
    assert properties["auto.create.topics.enable"] == "false"
    assert properties["log.retention.ms"] == "-1"


def test_the_data_lies_where_the_state_is(properties: dict[str, str]) -> None:
    """Nothing is written to /tmp, Kafka's own default."""
    assert properties["log.dirs"] == "/state/kafka"


def test_a_cluster_id_has_the_form_that_kafka_uses() -> None:
    """22 characters of URL-safe base64, another each time."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", new_cluster_id())
    assert new_cluster_id() != new_cluster_id()


def test_a_cluster_id_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in 64 would begin with a dash."""
    drawn = iter([uuid.UUID(bytes=b"\xf8" * 16), uuid.UUID(bytes=b"\x00" * 16)])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(drawn))
    assert new_cluster_id() == "A" * 22


def test_missing_jars_are_reported_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    """The error names the folder and what to type."""
    with pytest.raises(JarsMissing, match=r"No Kafka in .*python -m infra\.jars kafka"):
        broker_program(Java(Path("/bin/java"), 17), tmp_path, StateFolder(tmp_path), PORTS)
