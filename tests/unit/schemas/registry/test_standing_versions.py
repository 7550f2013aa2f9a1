"""What `check` and `register` say of a registry that holds what it should not."""

import json
from collections.abc import Iterator

import httpx
import pytest
from typer.testing import CliRunner

from schemas.__main__ import app
from schemas.catalogue import load_catalogue
from tests.confluent_registry.server import RunningRegistry, serve_registry

V1, V2 = (version.text for version in load_catalogue().trade.versions[:2])
SUBJECT = "t-value"


@pytest.fixture
def genuine(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningRegistry]:
    """A running registry, named by the environment, with all that we register."""
    with serve_registry() as registry:
        monkeypatch.setenv("SCHEMA_REGISTRY_URL", registry.url)
        monkeypatch.setenv("KAFKA_TOPIC", "t")
        assert "warning" not in run("register")
        yield registry


def run(command: str) -> str:
    """What a command prints."""
    return CliRunner().invoke(app, [command], env={"COLUMNS": "300"}).stdout


def add(registry: RunningRegistry, text: str, kind: str = "AVRO") -> None:
    """Register a version."""
    body = {"schema": text, "schemaType": kind}
    httpx.post(f"{registry.url}/subjects/{SUBJECT}/versions", json=body).raise_for_status()


@pytest.mark.parametrize("command", ["check", "register"])
def test_a_newest_version_that_is_older_than_ours_is_reported(
    genuine: RunningRegistry, command: str
) -> None:
    """v1, deleted and registered again by another client, has the highest number."""
    assert "warning" not in run(command)
    url = f"{genuine.url}/subjects/{SUBJECT}/versions/1"
    httpx.delete(url).raise_for_status()
    add(genuine, V1)
    shown = run(command)
    assert "is trade v1, older than trade v2, and" in shown.partition("warning: t-value")[2]
    assert "lacks feed" in shown


def test_a_newest_version_that_is_none_of_ours_is_reported(genuine: RunningRegistry) -> None:
    """As a client with default settings registers it: v1 without its docs."""
    bare = json.loads(V1)
    bare.pop("doc")
    add(genuine, json.dumps(bare))
    assert "is none of ours and lacks feed" in run("check").partition("warning: t-value")[2]


def test_versions_that_the_contract_refuses_are_reported(genuine: RunningRegistry) -> None:
    """Another scale, which the registry's own check accepts, and a schema of another kind."""
    add(genuine, V2.replace('"scale":10', '"scale":8'))
    httpx.put(f"{genuine.url}/config/{SUBJECT}", json={"compatibility": "NONE"})
    add(genuine, '{"type": "object"}', "JSON")
    shown = run("check")
    assert "would be decimal(28,8)" in shown
    assert "is a schema of kind JSON, not Avro" in shown.partition("warning: t-value")[2]
