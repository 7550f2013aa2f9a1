"""A Kafka broker that is its own controller (KRaft): its settings, commands and probe."""

import base64
import shutil
import socket
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.child_process import tied
from infra.embedded.errors import JarsMissing, StartFailed
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.server import Program, java_command
from infra.embedded.state import StateFolder
from infra.java import Java

__all__ = [
    "bootstrap_servers",
    "broker_program",
    "new_cluster_id",
    "prepare_storage",
    "server_properties",
]

_LOGGING: Final = Path(__file__).with_name("log4j2.properties")


def bootstrap_servers(ports: Ports) -> str:
    """Return the address for clients."""
    return f"{LOOPBACK}:{ports.broker}"


def server_properties(ports: Ports, data: Path) -> str:
    """Return the broker's settings: one node, all on loopback, data kept in `data`."""
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{LOOPBACK}:{ports.controller}
listeners=CLIENT://{LOOPBACK}:{ports.broker},CONTROLLER://{LOOPBACK}:{ports.controller}
advertised.listeners=CLIENT://{LOOPBACK}:{ports.broker}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs={data}

# A misspelt topic name should fail, not create a topic.
auto.create.topics.enable=false
# The registry's journal has no retention of its own: the default week would lose schema ids.
log.retention.ms=-1

# Kafka's internal topics, for a cluster of one broker.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Each group has one member: do not wait for others to join.
group.initial.rebalance.delay.ms=0
# A killed broker can register again only after its old session has expired; the default is 9 s.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


def broker_program(java: Java, jars_dir: Path, state: StateFolder, ports: Ports) -> Program:
    """Return the command and the probe of the broker.

    Raises:
        JarsMissing: The broker's archives are not in `jars_dir`.
    """
    command = _kafka_command(java, jars_dir, state, "kafka.Kafka")
    return Program(
        "broker", [*command, state.server_properties], _BrokerProbe(bootstrap_servers(ports))
    )


def prepare_storage(java: Java, jars_dir: Path, state: StateFolder, ports: Ports) -> None:
    """Write the broker's settings and, on the first start, format its data folder.

    Raises:
        StartFailed: Kafka's own tool could not format the folder.
    """
    settings = server_properties(ports, state.kafka)
    state.server_properties.write_text(settings, encoding="utf-8")
    if state.kafka.exists():
        return
    # Formatted under another name and then renamed, so that an interrupted start leaves no folder
    # that is half formatted.
    partial = state.kafka.with_name("kafka.partial")
    shutil.rmtree(partial, ignore_errors=True)
    properties = state.folder / "format.properties"
    properties.write_text(server_properties(ports, partial), encoding="utf-8")
    command = _kafka_command(java, jars_dir, state, "kafka.tools.StorageTool")
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        tied([*command, "format", "--cluster-id", new_cluster_id(), "--config", properties]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise StartFailed(f"Kafka could not format {state.kafka}:\n  {answer.stdout.strip()}")
    properties.unlink()
    partial.rename(state.kafka)


def _kafka_command(
    java: Java, jars_dir: Path, state: StateFolder, main: str
) -> Sequence[str | Path]:
    libraries = jars_dir.resolve() / "kafka"
    if not any(libraries.glob("kafka_2.13-*.jar")):
        raise JarsMissing(f"No Kafka in {libraries}; fetch it with: python -m infra.jars kafka")
    logging = f"-Dlog4j2.configurationFile={_LOGGING}"
    return java_command(java, state, "-Xmx512m", logging, "-cp", f"{libraries}/*", main)


def new_cluster_id() -> str:
    """Return a random id in the form that Kafka uses: 16 bytes as base64 without padding.

    Like Kafka's own ids it never begins with a dash: Kafka's programs would take it for an option.
    """
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not cluster_id.startswith("-"):
            return cluster_id


class _BrokerProbe:
    """Checks whether the broker answers a metadata request and lists itself."""

    def __init__(self, servers: str) -> None:
        self._servers = servers

    def __call__(self) -> bool:
        host, port = self._servers.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            # log_level 0: errors are expected while the broker starts.
            client = AdminClient({"bootstrap.servers": self._servers, "log_level": 0})
            return bool(client.list_topics(timeout=2).brokers)
        except (OSError, KafkaException):
            return False
