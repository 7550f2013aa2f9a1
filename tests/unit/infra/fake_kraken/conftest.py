"""The shipped recording, and small ones made from it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording
from infra.fake_kraken.market.recording import Recording
from producer.kraken.rest.client import KrakenClient, KrakenClientSettings
from producer.kraken.rest.pacing import Pacer


@pytest.fixture(scope="session")
def recording() -> Recording:
    """1000 recorded trades of XBTUSDT."""
    return load_recording(DEFAULT_RECORDING)


@pytest.fixture
def write_recording(tmp_path: Path) -> Callable[..., Path]:
    """Write a recording of some rows under a pair's name, and return its path."""

    def write(name: str, rows: list[str], last: str, altname: str | None = None) -> Path:
        trades = tmp_path / f"trades_{name}.json"
        trades.write_text(
            f'{{"error": [], "result": {{"{name}": [{",".join(rows)}], "last": "{last}"}}}}'
        )
        pairs = {"error": [], "result": {name: {"altname": altname or name, "wsname": "A/B"}}}
        (tmp_path / f"asset_pairs_{name}.json").write_text(json.dumps(pairs))
        return trades

    return write


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """The shipped recording, no faults."""
    with ReplayServer() as server:
        yield server


@pytest.fixture
def open_client() -> Callable[..., KrakenClient]:
    """Open our own client on a server; it waits for nothing."""

    def open_client(
        server: ReplayServer, *, attempts: int = 1, read_timeout: float = 5
    ) -> KrakenClient:
        settings = KrakenClientSettings(
            api_url=server.url,
            attempts=attempts,
            read_timeout=read_timeout,
            retry_wait=0,
            retry_wait_most=0,
        )
        return KrakenClient(settings, pacer=Pacer(0, sleep=lambda _: None))

    return open_client
