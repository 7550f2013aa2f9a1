from pathlib import Path

import pytest

from infra.embedded.errors import JarsMissing
from infra.embedded.ports import Ports
from infra.embedded.registry import registry_program, registry_url
from infra.embedded.state import StateFolder
from infra.java import Java

JAVA = Java(Path("/bin/java"), 17)
PORTS = Ports(broker=20001, controller=20002, registry=20003)


def test_the_url_is_that_of_the_confluent_api() -> None:
    """Clients of a Confluent registry work with it as it is."""
    assert registry_url(PORTS) == "http://127.0.0.1:20003/apis/ccompat/v7"


def test_the_registry_keeps_its_schemas_in_the_broker_and_listens_on_loopback(
    tmp_path: Path,
) -> None:
    """Ids outlive the process, and other machines cannot reach it."""
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "apicurio-registry-app-3.0.9-runner.jar").touch()
    command = registry_program(JAVA, tmp_path, StateFolder(tmp_path), PORTS).command
    assert {
        "-Dapicurio.storage.kind=kafkasql",
        "-Dapicurio.kafkasql.bootstrap.servers=127.0.0.1:20001",
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=20003",
    } <= set(command)


def test_missing_jars_are_reported_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    """The error names the folder and what to type."""
    with pytest.raises(JarsMissing, match=r"No Apicurio in .*python -m infra\.jars registry"):
        registry_program(JAVA, tmp_path, StateFolder(tmp_path), PORTS)
