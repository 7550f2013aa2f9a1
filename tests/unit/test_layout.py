"""What the project promises about its own files."""

import re
from pathlib import Path

import pytest

from tests.engine import ROOT

ROOMS = (
    "runtime",
    "schemas",
    "producer",
    "spark_consumer",
    "lake",
    "infra",
    "cli",
    "airflow",
    "benchmarks",
    "tests",
)
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def test_there_are_modules_to_look_at() -> None:
    """The checks below look at something."""
    assert len(MODULES) > 50


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_over_250_lines(path: Path) -> None:
    """A module of one noun fits."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def test_no_package_is_named_after_nothing() -> None:
    """A name says what a module knows."""
    nothing = {"utils", "common", "helpers", "misc"}
    assert [path for path in MODULES if nothing & {*path.parts, path.stem}] == []


def test_airflow_is_not_shadowed() -> None:
    """An __init__.py below a folder named airflow would hide the real package."""
    assert list(ROOT.glob("airflow/**/__init__.py")) == []
    assert list(ROOT.glob("tests/airflow/**/__init__.py")) == []


def test_locks_hold_no_addresses() -> None:
    """Names, versions and hashes: where packages come from is the user's setting."""
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert not re.search(r"https?://|index-url|find-links", text), lock


def test_every_test_says_its_behaviour() -> None:
    """A test without a docstring does not say what breaks when it fails."""
    silent = [
        f"{path.name}: {match[1]}"
        for path in MODULES
        if path.name.startswith("test_")
        for match in re.finditer(
            r"^ *(?:async )?def (test_\w+)\([^)]*\)(?: -> None)?:\n(?! *\"\"\")",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    assert silent == []
