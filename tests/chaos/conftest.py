"""How long chaos reigns: `make test` has a few rounds of it, `make chaos ROUNDS=200` many."""

import os

import pytest


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many kills a test deals out, by CHAOS_ROUNDS."""
    return int(os.environ.get("CHAOS_ROUNDS", "5"))
