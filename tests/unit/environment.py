"""Tests that read settings run without the developer's own."""

import os

import pytest

__all__ = ["no_settings_from_outside"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Run without the developer's own variables and `.env`."""
    for name in os.environ:
        if name.startswith(("KAFKA_", "SCHEMA_REGISTRY_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))
