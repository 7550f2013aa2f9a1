import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.catalogue import Catalogue, load_catalogue
from schemas.errors import CatalogueError, ReleaseError
from schemas.releases.released import (
    PROJECT_ROOT,
    changes_since_release,
    golden_changes_since_release,
    load_releases,
    unreleased,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is released, to be damaged."""
    for folder in ("schemas", "tests/contract/golden"):
        shutil.copytree(
            PROJECT_ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("*.py", "__pycache__"),
        )
    return tmp_path


def catalogue_of(project: Path) -> Catalogue:
    """What the copy declares."""
    return load_catalogue(project / "schemas")


def changes(project: Path) -> list[str]:
    """All that is found to have changed in the copy."""
    catalogue, releases = catalogue_of(project), load_releases(project)
    return [
        *changes_since_release(catalogue, releases, project),
        *golden_changes_since_release(catalogue, releases, project),
    ]


def edit(change: Callable[[bytes], bytes], path: Path) -> None:
    """Rewrite a file."""
    path.write_bytes(change(path.read_bytes()))


def test_an_untouched_project_has_no_changes(project: Path) -> None:
    """What is released is found as it was released."""
    assert changes(project) == []


def test_one_byte_of_a_schema_is_found(project: Path) -> None:
    """One more blank changes no field, but it changes the file."""
    edit(lambda text: text + b" ", project / "schemas/trade/v1.avsc")
    (change,) = changes(project)
    assert change.startswith("schemas/trade/v1.avsc changed since its release (outside its fields)")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (b'"SELL", ', b"", "field side changed"),
        (b'"scale": 10', b'"scale": 11', "field price, volume changed"),
        (b'"misc"', b'"remark"', "field remark added; field misc removed"),
        (b'      "default": "",\n', b"", "field misc changed"),
    ],
)
def test_a_changed_field_is_named(project: Path, before: bytes, after: bytes, message: str) -> None:
    """The sentence names every field that differs from the release."""
    path = project / "schemas/trade/v1.avsc"
    assert before in path.read_bytes()
    edit(lambda text: text.replace(before, after), path)
    (change,) = changes(project)
    assert message in change


def test_a_deleted_schema_is_found(project: Path) -> None:
    """A record without its first version is no catalogue."""
    (project / "schemas/trade/v1.avsc").unlink()
    with pytest.raises(CatalogueError, match="trade"):
        changes(project)


def test_a_deleted_last_version_is_found(project: Path) -> None:
    """A version that the ledger knows and the catalogue does not was deleted."""
    ledger = project / "schemas/released.json"
    releases = json.loads(ledger.read_bytes())
    releases["trade v9"] = releases["trade v1"]
    ledger.write_text(json.dumps(releases), encoding="utf-8")
    (change,) = changes(project)
    assert change == "trade v9 was released and its schema file is gone; restore it"


@pytest.mark.parametrize("name", ["trade-v1.bin", "trade-v1.json", "cursor-v1.bin"])
def test_a_changed_or_deleted_golden_file_is_found(project: Path, name: str) -> None:
    """Golden files are named when a byte of them differs and when they are gone."""
    path = project / "tests/contract/golden" / name
    edit(lambda content: content[:-1] + b"\x00", path)
    assert [name in change for change in changes(project)] == [True]
    path.unlink()
    (change,) = changes(project)
    assert (
        change
        == f"tests/contract/golden/{name} is gone; restore it, golden records are written once"
    )


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"trade v1": {}}'])
def test_a_damaged_ledger_is_reported(project: Path, content: bytes | None) -> None:
    """Without its ledger the project does not pass for one where nothing is released."""
    ledger = project / "schemas/released.json"
    ledger.unlink()
    if content is not None:
        ledger.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"released\.json"):
        load_releases(project)


def test_a_version_without_a_release_is_reported(project: Path) -> None:
    """A version that may still change is named, with the command that settles it."""
    releases = load_releases(project)
    assert list(unreleased(catalogue_of(project), releases)) == []
    del releases["cursor v1"]
    (message,) = unreleased(catalogue_of(project), releases)
    assert message == "cursor v1 is not released; release it: kraken-lake schemas release"
