"""What the integration tests share: one real broker and registry for all, Kraken played back."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import ReplayServer
from infra.jars.installation import DEFAULT_FOLDER as JARS
from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from tests.engine import stack_kind
from tests.integration.container_stack import ContainerStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack | ContainerStack]:
    """A Kafka broker and a schema registry, started once and ended with the tests.

    In containers where a Docker engine answers, embedded elsewhere; STACK=embedded|containers
    forces one. pytest's first lines say which.
    """
    folder = tmp_path_factory.mktemp("stack")
    kinds = {
        "containers": lambda: ContainerStack(folder),
        "embedded": lambda: EmbeddedStack(folder, JARS),
    }
    with kinds[stack_kind()]() as started:
        yield started


@pytest.fixture
def registry(stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    """The stack's registry."""
    # Neither a developer's environment nor their .env reaches the test.
    monkeypatch.chdir(tmp_path)
    return Registry(RegistrySettings(url=stack.registry_url))


@pytest.fixture
def topic(registry: Registry) -> str:
    """The name of a topic of this test's own, with its schemas registered."""
    name = f"trades-{uuid.uuid4().hex[:12]}"
    apply_plan(plan_registration(load_catalogue(), name, registry), registry)
    return name


@pytest.fixture
def replay_server() -> Iterator[ReplayServer]:
    """A stand-in for Kraken with 1000 recorded trades of BTC/USDT; `plan.add` adds faults."""
    with ReplayServer() as server:
        yield server


@pytest.fixture
def environment(stack: EmbeddedStack, replay_server: ReplayServer, topic: str) -> dict[str, str]:
    """The settings that point our programs at all of the above, to be added to `os.environ`."""
    return {
        **stack.env(),
        "KAFKA_TOPIC": topic,
        "KRAKEN_API_URL": replay_server.url,
        "KRAKEN_PAIR": "BTC/USDT",
        "KRAKEN_CALL_INTERVAL_SECONDS": "0",
        "POLL_INTERVAL_SECONDS": "0.1",
    }
