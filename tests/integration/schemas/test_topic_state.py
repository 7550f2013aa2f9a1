"""Questions about a topic, to a broker that is shut down and started again meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

from infra.embedded import EmbeddedStack
from infra.jars.installation import DEFAULT_FOLDER as JARS
from tests.engine import ROOT

ASKS = """
import os, sys, traceback
from threading import Thread
from runtime.errors import BrokerError
from runtime.settings import KafkaSettings
from runtime.topic_state import TopicClient

def ask():
    client = TopicClient(KafkaSettings())
    while True:
        try:
            client.state()
        except BrokerError:
            pass
        except Exception:
            traceback.print_exc()
            os._exit(1)

for _ in range(4):
    Thread(target=ask, daemon=True).start()
sys.stdin.read()
"""
"""In a process of its own: a fault in the client library could end it without an exception."""


def test_a_broker_that_shuts_down_does_not_end_who_asks_it(tmp_path: Path) -> None:
    """Whatever it answers to the questions under way: the process goes on asking."""
    with EmbeddedStack(tmp_path / "stack", JARS) as stack:
        admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers, "log_level": 0})
        admin.create_topics([NewTopic("kraken.trades", 4)])["kraken.trades"].result()
        asking = subprocess.Popen(
            [sys.executable, "-c", ASKS],
            cwd=ROOT,
            env={**os.environ, **stack.env(), "KAFKA_TOPIC": "kraken.trades"},
            stdin=subprocess.PIPE,
        )
        try:
            for _ in range(4):
                stack.stop_broker()
                stack.start_broker()
                assert asking.poll() is None
        finally:
            asking.kill()
            asking.communicate()
