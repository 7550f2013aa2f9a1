"""The shipped recording, and small ones made from it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from infra.replay import DEFAULT_RECORDING, load_recording
from infra.replay.recording import Recording

# A machine that is busy with something else is no reason to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def recording() -> Recording:
    """1000 recorded trades of XBTUSDT."""
    return load_recording(DEFAULT_RECORDING)


@pytest.fixture
def write_recording(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recording of some rows under a pair's name, and tells its path."""

    def write(name: str, rows: list[str], last: str, altname: str | None = None) -> Path:
        trades = tmp_path / f"trades_{name}.json"
        trades.write_text(
            f'{{"error": [], "result": {{"{name}": [{",".join(rows)}], "last": "{last}"}}}}'
        )
        pairs = {"error": [], "result": {name: {"altname": altname or name, "wsname": "A/B"}}}
        (tmp_path / f"asset_pairs_{name}.json").write_text(json.dumps(pairs))
        return trades

    return write
