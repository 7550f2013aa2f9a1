"""Whether what the documents point to is there: files, headings, examples."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.engine import ROOT

FOLDERS = ("docs", "findings", "infra", "tests")
PACKAGES = ("runtime", "schemas", "producer", "spark_consumer", "lake", "infra", "benchmarks")
OURS = (*PACKAGES, "airflow", "docs", "findings", "requirements", "tests")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
)


def prose(path: Path) -> str:
    """A document's text without its blocks of code."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
        found[f"{name}-{found[name]}" if found[name] else name] = 0
    return set(found)


def links(path: Path) -> list[str]:
    """The targets of a document's links and images that lie in this repository."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(path))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def test_there_are_links_to_follow() -> None:
    """The checks below look at something."""
    assert len(DOCUMENTS) > 30
    assert sum(len(links(path)) for path in DOCUMENTS) > 100


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a file or folder of the repository, and to a heading in it."""
    for target in links(path):
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.is_relative_to(ROOT), target
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    """A path or module in a document must not outlive the move of what it names."""
    named = re.findall(rf"`((?:{'|'.join(OURS)})/[\w./-]+\.(?:py|sh|json|yaml|txt))`", prose(path))
    assert [one for one in named if not (ROOT / one).exists()] == []
    modules = re.findall(rf"`({'|'.join(PACKAGES)})\.([a-z_]+)", prose(path))
    assert [f"{package}.{name}" for package, name in modules if not is_in(package, name)] == []


def is_in(package: str, name: str) -> bool:
    """Whether a package has a module or a public name that is called so."""
    module = ROOT / package / name
    return (
        module.is_dir()
        or module.with_suffix(".py").exists()
        or hasattr(import_module(package), name)
    )
