"""The length of the chaos tests: `make test` runs a few rounds, `make chaos ROUNDS=200` many."""

import os
import secrets
from collections.abc import Callable

import pytest

FINDINGS: list[str] = []
"""The tests' findings, a line each, printed at the end of the run."""


@pytest.fixture(scope="session")
def rounds() -> int:
    """Return the number of kills in a test, from CHAOS_ROUNDS."""
    return int(os.environ.get("CHAOS_ROUNDS", "5"))


@pytest.fixture
def seed() -> str:
    """Return the seed of a plan: random, unless CHAOS_SEED repeats an earlier one."""
    return os.environ.get("CHAOS_SEED", "") or secrets.token_hex(4)


@pytest.fixture
def report() -> Callable[[str], None]:
    """Keep a line for the end of the run: figures worth reading even if all tests pass."""
    return FINDINGS.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests found."""
    if FINDINGS:
        terminalreporter.section("chaos")
        for line in FINDINGS:
            terminalreporter.write_line(line)
