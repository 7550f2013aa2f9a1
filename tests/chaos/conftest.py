"""How long chaos reigns: `make test` has a few rounds of it, `make chaos ROUNDS=200` many."""

import os
import secrets
from collections.abc import Callable

import pytest

FINDINGS: list[str] = []
"""What the tests found, a line each, for the end of the run."""


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many kills a test deals out, by CHAOS_ROUNDS."""
    return int(os.environ.get("CHAOS_ROUNDS", "5"))


@pytest.fixture
def seed() -> str:
    """What a plan is made from: another one each time, unless CHAOS_SEED repeats one."""
    return os.environ.get("CHAOS_SEED", "") or secrets.token_hex(4)


@pytest.fixture
def tell() -> Callable[[str], None]:
    """Keep a line for the end of the run: figures worth reading even if all tests pass."""
    return FINDINGS.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests found."""
    if FINDINGS:
        terminalreporter.section("chaos")
        for line in FINDINGS:
            terminalreporter.write_line(line)
