"""The embedded stack with real servers: probes, persistence, and no process left running."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]  # public

from infra.embedded import EmbeddedStack
from infra.embedded.errors import StateInUse
from infra.jars.installation import DEFAULT_FOLDER as JARS
from tests.liveness import is_gone

SCHEMA = json.dumps({"type": "record", "name": "Tick", "fields": [{"name": "id", "type": "long"}]})


@dataclass(frozen=True)
class Seen:
    """What a first run of the stack left behind: the cluster, a schema's id, the addresses."""

    state: Path
    cluster_id: str
    schema_id: int
    env: dict[str, str]


class Foreground:
    """`python -m infra.embedded` as a child process."""

    def __init__(self, state: Path) -> None:
        command = [sys.executable, "-m", "infra.embedded", "--state", str(state)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def wait_until_up(self) -> dict[str, str]:
        """Return the variables it prints when it is up."""
        env: dict[str, str] = {}
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                env[name] = value
            if len(env) == 2:
                return env
        raise AssertionError(f"it ended with {self.process.wait()}")

    def servers(self) -> list[int]:
        """Return the process ids of its servers."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for file in children for pid in file.read_text().split()]

    def end(self, how: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(how)
        self.process.communicate(timeout=60)
        return self.process.returncode


def _cluster_id(env: dict[str, str]) -> str:
    client = AdminClient({"bootstrap.servers": env["KAFKA_BOOTSTRAP_SERVERS"]})
    cluster_id = client.list_topics(timeout=60).cluster_id
    assert isinstance(cluster_id, str)
    return cluster_id


def _ask_registry(env: dict[str, str], path: str, body: dict[str, str] | None = None) -> str:
    request = urllib.request.Request(  # noqa: S310 - http to loopback
        env["SCHEMA_REGISTRY_URL"] + path,
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        text: str = answer.read().decode()
        return text


def _register(env: dict[str, str], subject: str) -> int:
    answer = _ask_registry(env, f"/subjects/{subject}/versions", {"schema": SCHEMA})
    return int(json.loads(answer)["id"])


def _schema(env: dict[str, str], schema_id: int) -> str:
    return str(json.loads(_ask_registry(env, f"/schemas/ids/{schema_id}"))["schema"])


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The state of a stack that had a schema registered and whose parent was then killed."""
    state = tmp_path_factory.mktemp("embedded")
    stack = Foreground(state)
    env = stack.wait_until_up()
    servers = stack.servers()
    assert len(servers) == 2
    seen = Seen(state, _cluster_id(env), _register(env, "ticks-value"), env)
    stack.end(signal.SIGKILL)
    _wait_until(lambda: all(map(is_gone, servers)), "a server outlived its killed parent")
    return seen


@pytest.fixture(scope="module")
def stack(killed: Seen) -> Iterator[EmbeddedStack]:
    """A second stack on that state."""
    with EmbeddedStack(killed.state, JARS) as running:
        yield running


def test_a_killed_stack_comes_back_as_it_was(killed: Seen, stack: EmbeddedStack) -> None:
    """After SIGKILL nothing runs on, and the next start has cluster, schema id and addresses."""
    assert stack.env() == killed.env
    assert _cluster_id(stack.env()) == killed.cluster_id
    assert _schema(stack.env(), killed.schema_id) == SCHEMA
    assert _register(stack.env(), "ticks-value") == killed.schema_id


def test_a_second_stack_on_the_same_state_is_refused(stack: EmbeddedStack) -> None:
    """It ends at once with the folder's name, and the first is not disturbed."""
    folder = stack.logs.parent
    with pytest.raises(StateInUse, match=str(folder)), EmbeddedStack(folder, JARS):
        pass
    stack.check()


def test_a_topic_that_nobody_created_is_not_made_up(stack: EmbeddedStack) -> None:
    """Asking for a topic by a wrong name must not create it."""
    client = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    client.list_topics("misspelt", timeout=60)
    assert "misspelt" not in client.list_topics(timeout=60).topics


def test_the_registrys_journal_is_kept_for_good(stack: EmbeddedStack) -> None:
    """Schema ids must outlive Kafka's default retention of a week."""
    client = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    journal = ConfigResource(ConfigResource.Type.TOPIC, "kafkasql-journal")
    settings = client.describe_configs([journal])[journal].result(timeout=60)
    assert settings["retention.ms"].value == settings["retention.bytes"].value == "-1"
    assert settings["cleanup.policy"].value == "delete"


def test_a_registry_that_was_killed_starts_on_its_port_with_its_schemas(
    killed: Seen, stack: EmbeddedStack
) -> None:
    """It answers only once it has read its journal."""
    stack.kill_registry()
    with pytest.raises(OSError, match="refused"):
        _ask_registry(stack.env(), "/subjects")
    stack.start_registry()
    assert json.loads(_ask_registry(stack.env(), "/subjects")) == ["ticks-value"]
    assert _schema(stack.env(), killed.schema_id) == SCHEMA


def test_a_broker_that_was_killed_starts_on_its_port_and_the_registry_goes_on(
    killed: Seen, stack: EmbeddedStack
) -> None:
    """The registry, which was up all the time, reads and writes again."""
    stack.kill_broker()
    stack.start_broker()
    assert _cluster_id(stack.env()) == killed.cluster_id
    assert _register(stack.env(), "later-value") > 0
    stack.check()


def test_sigterm_ends_the_foreground_program_in_good_order(tmp_path: Path) -> None:
    """Status 0, and no server is left, whether it was up or still starting."""
    stack = Foreground(tmp_path)
    _wait_until((tmp_path / "logs" / "broker.log").exists, "the broker did not start")
    servers = stack.servers()
    assert stack.end(signal.SIGTERM) == 0
    assert all(map(is_gone, servers))
