"""What the project promises about its own files."""

import ast
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
    "console",
    "infra",
    "cli",
    "airflow",
    "benchmarks",
    "tests",
)
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
PACKAGES = tuple(room for room in ROOMS if room not in {"airflow", "tests"})
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


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


def parsed_packages() -> dict[str, ast.Module]:
    """Each module of the packages, by the name that others import it by."""
    paths = (path for path in MODULES if path.relative_to(ROOT).parts[0] in PACKAGES)
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_bytes())
        for path in paths
    }


def public_names(module: ast.Module) -> set[str] | None:
    """What `__all__` names; None where a module has none."""
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def test_every_module_names_what_is_public() -> None:
    """A module that defines a public function or class has an `__all__`."""
    silent = [
        name
        for name, module in parsed_packages().items()
        if public_names(module) is None
        and any(isinstance(one, DEFINITIONS) and one.name[0] != "_" for one in module.body)
    ]
    assert silent == []


def test_only_public_names_are_imported() -> None:
    """What a module imports from another one is in the other one's `__all__`."""
    modules = parsed_packages()
    hidden = [
        f"{name} imports {alias.name} from {node.module}"
        for name, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
        if alias.name not in (public_names(modules[node.module]) or set())
    ]
    assert hidden == []


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
