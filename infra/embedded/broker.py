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

# A topic that nobody created is a mistake to be seen, not to be filled.
auto.create.topics.enable=false
# The registry's journal has no retention of its own: the default week would lose schema ids.
log.retention.ms=-1

# The topics that Kafka keeps for itself, for a cluster of one.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Nobody else will join the group: do not wait for them.
group.initial.rebalance.delay.ms=0
# A broker that was killed may come back only when its old session has run out; the default is 9 s.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


def broker_program(java: Java, jars_dir: Path, state: StateFolder, ports: Ports) -> Program:
    """Return how to run the broker.

    Raises:
        JarsMissing: its archives are not in `jars_dir`.
    """
    command = _kafka_command(java, jars_dir, state, "kafka.Kafka")
    return Program(
        "broker", [*command, state.server_properties], _BrokerProbe(bootstrap_servers(ports))
    )


def prepare_storage(java: Java, jars_dir: Path, state: StateFolder, ports: Ports) -> None:
    """Write the broker's settings and, the first time, format its data folder.

    Raises:
        StartFailed: Kafka's own tool could not format it.
    """
    settings = server_properties(ports, state.kafka)
    state.server_properties.write_text(settings, encoding="utf-8")
    if state.kafka.exists():
        return
    # Formatted elsewhere and renamed, so that a start cut short leaves nothing half formatted.
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

    As Kafka's own, it never begins with a dash: its programs would take it for an option.
    """
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not cluster_id.startswith("-"):
            return cluster_id


class _BrokerProbe:
    """Tells whether the broker answers a metadata request with itself in it."""

    def __init__(self, servers: str) -> None:
        self._servers = servers

    def __call__(self) -> bool:
        host, port = self._servers.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            # log_level 0: what goes wrong while the broker starts is no news.
            client = AdminClient({"bootstrap.servers": self._servers, "log_level": 0})
            return bool(client.list_topics(timeout=2).brokers)
        except (OSError, KafkaException):
            return False
