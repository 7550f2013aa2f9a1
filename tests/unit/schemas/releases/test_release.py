import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import load_catalogue
from schemas.errors import ReleaseError
from schemas.releases.release import release_new
from schemas.releases.released import PROJECT_ROOT, load_releases
from tests.golden_records import load_golden

NEXT = len(load_catalogue().trade.versions) + 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is released, to release more in."""
    for folder in ("schemas", "tests/contract/golden"):
        ignored = shutil.ignore_patterns("*.py", "__pycache__")
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def add_version(project: Path, **field: Any) -> None:
    """Write a next version of trade with one field more."""
    schema = json.loads(load_catalogue().trade.newest.text)
    schema["fields"].append(field)
    path = project / "schemas" / "trade" / f"v{NEXT}.avsc"
    path.write_text(json.dumps(schema, indent=2), encoding="utf-8")


def snapshot(project: Path) -> dict[Path, bytes]:
    """Every file of the project."""
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def release(project: Path) -> list[str]:
    """Release what is new in the project; the names of the versions released."""
    return [str(one) for one in release_new(load_catalogue(project / "schemas"), project)]


def test_a_new_version_gets_golden_records_and_fingerprints(project: Path) -> None:
    """A release writes three things, and what was released before is left byte for byte."""
    add_version(project, name="note", type="string", default="", doc="A remark.")
    before = snapshot(project)
    assert release(project) == [f"trade v{NEXT}"]
    after = snapshot(project)
    version = load_catalogue(project / "schemas").trade.newest
    assert load_releases(project).keys() == load_releases().keys() | {f"trade v{NEXT}"}
    assert {record.value["note"] for record in load_golden(version, project)} > {""}
    ledger = project / "schemas/released.json"
    assert {path: after[path] for path in before if path != ledger} == {
        path: content for path, content in before.items() if path != ledger
    }
    assert len(after) == len(before) + 2


def test_a_second_release_changes_nothing(project: Path) -> None:
    """With nothing new, nothing is written."""
    before = snapshot(project)
    assert release(project) == []
    assert snapshot(project) == before


def test_a_version_that_may_not_follow_is_not_released(project: Path) -> None:
    """A release is refused with the field and the rule, and leaves no trace."""
    add_version(project, name="note", type="string", doc="A remark.")
    before = snapshot(project)
    with pytest.raises(ReleaseError, match=r"field note has no default.*new_field_has_default"):
        release(project)
    assert snapshot(project) == before


def test_nothing_is_released_on_top_of_a_changed_release(project: Path) -> None:
    """Releasing is no way to make a changed version pass."""
    path = project / "schemas/trade/v1.avsc"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ReleaseError, match=r"schemas/trade/v1\.avsc changed since its release"):
        release(project)


def test_golden_files_are_never_written_over(project: Path) -> None:
    """A golden file that lies there already keeps the version from being released."""
    add_version(project, name="note", type="string", default="", doc="A remark.")
    path = project / "tests/contract/golden" / f"trade-v{NEXT}.json"
    path.write_bytes(b"mine")
    with pytest.raises(ReleaseError, match="written once"):
        release(project)
    assert path.read_bytes() == b"mine"
    assert f"trade v{NEXT}" not in load_releases(project)
