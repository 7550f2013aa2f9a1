"""Registering on Apicurio, and `schemas diff` over a real broker."""

import os
import subprocess
import sys

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded import EmbeddedStack
from schemas.avro.wire import VALUE_SCHEMA_HEADER, frame
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from tests.engine import ROOT

TRADE = load_catalogue().trade


def test_apicurio_is_registered_without_rules_and_once(registry: Registry, topic: str) -> None:
    """It keeps none, so none are published; a second run finds everything there."""
    plans = plan_registration(load_catalogue(), topic, registry)
    assert [plan.rules.publish for plan in plans] == [None, None]
    assert not any(one.is_new or one.mode_is_new for one in apply_plan(plans, registry))
    assert len(registry.versions(f"{topic}-value")) == len(TRADE.versions)


def test_diff_counts_what_the_newest_records_use(
    stack: EmbeddedStack, registry: Registry, topic: str
) -> None:
    """Each committed record counts for the version that it names; what was aborted does not."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    admin.create_topics([NewTopic(topic, num_partitions=2)])[topic].result()
    ids = [version.schema_id for version in registry.versions(f"{topic}-value")]
    producer = Producer(
        {"bootstrap.servers": stack.bootstrap_servers, "transactional.id": f"{topic}.diff"}
    )
    producer.init_transactions()
    producer.begin_transaction()
    for schema_id, count in zip(ids, (3, 40), strict=True):
        for number in range(count):
            producer.produce(topic, frame(schema_id, b"x"), key=str(number))
    producer.produce(topic, b"{}", key="k")
    producer.produce(topic, b"x", key="k", headers={VALUE_SCHEMA_HEADER: b"\x01" + bytes(16)})
    producer.commit_transaction()
    producer.begin_transaction()
    producer.produce(topic, frame(ids[0], b"x"), key="aborted")
    producer.flush()
    producer.abort_transaction()

    shown = subprocess.run(
        [sys.executable, "-m", "schemas", "diff"],
        cwd=ROOT,
        env={**os.environ, **stack.env(), "KAFKA_TOPIC": topic, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = [line.split() for line in shown.stdout.splitlines() if f"{topic}-value" in line]
    counted = {line[1]: line[-1] for line in lines if line[1].startswith("v")}
    assert counted == {"v1": "3", "v2": "40"}
    assert f"guid {'0' * 8}-" in shown.stdout
    assert "no schema id" in shown.stdout
    assert (shown.returncode, shown.stderr) == (1, "")
