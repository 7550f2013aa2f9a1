"""How long chaos reigns: `make test` has a few rounds of it, `make chaos ROUNDS=200` many."""

import os
import secrets

import pytest


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many kills a test deals out, by CHAOS_ROUNDS."""
    return int(os.environ.get("CHAOS_ROUNDS", "5"))


@pytest.fixture
def seed() -> str:
    """What a plan is made from: another one each time, unless CHAOS_SEED repeats one."""
    return os.environ.get("CHAOS_SEED", "") or secrets.token_hex(4)
