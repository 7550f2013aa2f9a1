"""An Apicurio registry that keeps its schemas in Kafka: its command and probe."""

import http.client
from pathlib import Path
from typing import Final

from infra.embedded.broker import bootstrap_servers
from infra.embedded.errors import JarsMissing
from infra.embedded.ports import LOOPBACK, Ports
from infra.embedded.server import Program, java_command
from infra.embedded.state import StateFolder
from infra.java import Java

__all__ = ["CONFLUENT_API", "registry_program", "registry_url"]

CONFLUENT_API: Final = "/apis/ccompat/v7"
"""The path of Apicurio's implementation of the Confluent registry's API."""

_FLAGS: Final = (
    *("-Xmx256m", "-XX:+UseSerialGC"),
    "-Dapicurio.storage.kind=kafkasql",
    # Milliseconds that each start waits for a snapshot, of which there is none; the default is 5 s.
    "-Dapicurio.kafkasql.consumer.poll.timeout=500",
    # Snapshots would be written to the machine's /tmp. The journal is short and complete without.
    "-Dapicurio.kafkasql.snapshot.every.seconds=off",
    "-Dquarkus.http.access-log.enabled=false",
    f"-Dquarkus.http.host={LOOPBACK}",
)


def registry_url(ports: Ports) -> str:
    """Return the base URL for clients of the Confluent registry."""
    return f"http://{LOOPBACK}:{ports.registry}{CONFLUENT_API}"


def registry_program(java: Java, jars_dir: Path, state: StateFolder, ports: Ports) -> Program:
    """Return the command and the probe of the registry.

    Raises:
        JarsMissing: The registry's archives are not in `jars_dir`.
    """
    folder = jars_dir.resolve() / "registry"
    runner = next(folder.glob("apicurio-registry-app-*-runner.jar"), None)
    if runner is None:
        raise JarsMissing(f"No Apicurio in {folder}; fetch it with: python -m infra.jars registry")
    flags = [
        *_FLAGS,
        f"-Dapicurio.kafkasql.bootstrap.servers={bootstrap_servers(ports)}",
        f"-Dquarkus.http.port={ports.registry}",
    ]
    return Program(
        "registry",
        java_command(java, state, *flags, "-jar", runner),
        # The API answers with an empty list before the journal has been read, so both are checked.
        lambda: _is_ok(ports, "/health/ready") and _is_ok(ports, f"{CONFLUENT_API}/subjects"),
    )


def _is_ok(ports: Ports, path: str) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, ports.registry, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
