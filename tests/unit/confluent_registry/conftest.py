from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.confluent_registry.server import RunningRegistry, serve_registry

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def genuine() -> Iterator[RunningRegistry]:
    """A running registry that answers as 8.3.1 does."""
    with serve_registry() as registry:
        yield registry


@pytest.fixture
def ask(genuine: RunningRegistry) -> Ask:
    """Send one request; return status and body."""

    def send(method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = httpx.request(method, f"{genuine.url}{path}", json=body)
        return answer.status_code, answer.json()

    return send
