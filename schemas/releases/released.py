"""The fingerprints of every released version, which may never change again.

`released.json` holds, per version, the SHA-256 of its schema file, of its golden records and of
each field. So a changed or deleted file is noticed without the repository's history, and the
message can name the field.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.catalogue import SCHEMAS_FOLDER, Catalogue, SchemaVersion
from schemas.errors import ReleaseError

__all__ = [
    "PROJECT_ROOT",
    "Release",
    "VersionFiles",
    "changes_since_release",
    "files_of",
    "fingerprint",
    "golden_changes_since_release",
    "load_releases",
    "save_releases",
    "take_fingerprints",
    "unreleased",
]

PROJECT_ROOT = SCHEMAS_FOLDER.parent
LEDGER = Path("schemas", "released.json")


@dataclass(frozen=True)
class Release:
    """The fingerprints of one released version, all SHA-256 in hexadecimal.

    Attributes:
        schema: The fingerprint of the schema file.
        golden_bytes: The fingerprint of the golden records' file.
        golden_values: The fingerprint of the file with their values.
        fields: The fingerprint of each field as compact JSON, by name; shortened to 16 digits,
            since they only identify the changed field.
    """

    schema: str
    golden_bytes: str
    golden_values: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class VersionFiles:
    """The paths of one version's files, relative to the project's root."""

    schema: Path
    golden_bytes: Path
    golden_values: Path


def files_of(version: SchemaVersion) -> VersionFiles:
    """Return the paths of a version's files, whether it is released or not."""
    golden = Path("tests", "contract", "golden", f"{version.record}-v{version.version}")
    return VersionFiles(
        schema=Path("schemas", version.record, f"v{version.version}.avsc"),
        golden_bytes=golden.with_suffix(".bin"),
        golden_values=golden.with_suffix(".json"),
    )


def take_fingerprints(version: SchemaVersion, root: Path) -> Release:
    """Compute the fingerprints of a version's files as they are now."""
    files = files_of(version)
    return Release(
        schema=fingerprint(root / files.schema),
        golden_bytes=fingerprint(root / files.golden_bytes),
        golden_values=fingerprint(root / files.golden_values),
        fields=_field_fingerprints(version),
    )


def fingerprint(path: Path) -> str:
    """Compute the SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_releases(root: Path = PROJECT_ROOT) -> dict[str, Release]:
    """Read all releases by the version's name, `trade v1`, in the order of their release.

    Raises:
        ReleaseError: The ledger is missing or unreadable.
    """
    path = root / LEDGER
    try:
        return {name: Release(**entry) for name, entry in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ReleaseError(
            f"{path} cannot be read ({error}); it belongs to the repository"
        ) from error


def save_releases(releases: Mapping[str, Release], root: Path) -> None:
    """Rewrite the ledger."""
    entries = {name: asdict(release) for name, release in releases.items()}
    (root / LEDGER).write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def changes_since_release(
    catalogue: Catalogue, releases: Mapping[str, Release], root: Path = PROJECT_ROOT
) -> Iterator[str]:
    """Yield a sentence for each released schema file that has changed or is missing."""
    declared = {str(version): version for contract in catalogue for version in contract.versions}
    for name, release in releases.items():
        version = declared.get(name)
        if version is None:
            yield f"{name} was released and its schema file is gone; restore it"
        elif fingerprint(root / files_of(version).schema) != release.schema:
            yield (
                f"{files_of(version).schema} changed since its release "
                f"({_what_changed(version, release)}); restore it and put the change into a "
                "new version"
            )


def unreleased(catalogue: Catalogue, releases: Mapping[str, Release]) -> Iterator[str]:
    """Yield a sentence for each unreleased version: it may change, so it must not be registered."""
    for contract in catalogue:
        for version in contract.versions:
            if str(version) not in releases:
                yield f"{version} is not released; release it: kraken-lake schemas release"


def golden_changes_since_release(
    catalogue: Catalogue, releases: Mapping[str, Release], root: Path = PROJECT_ROOT
) -> Iterator[str]:
    """Yield a sentence for each golden file of a release that has changed or is missing."""
    for contract in catalogue:
        for version in contract.versions:
            release, files = releases.get(str(version)), files_of(version)
            if release is None:
                continue
            for path, recorded in (
                (files.golden_bytes, release.golden_bytes),
                (files.golden_values, release.golden_values),
            ):
                if not (root / path).exists():
                    yield f"{path} is gone; restore it, golden records are written once"
                elif fingerprint(root / path) != recorded:
                    yield f"{path} changed since its release; restore it"


def _what_changed(version: SchemaVersion, release: Release) -> str:
    now, then = _field_fingerprints(version), release.fields
    changed = [name for name in now if name in then and now[name] != then[name]]
    changes = {
        "changed": changed,
        "added": [name for name in now if name not in then],
        "removed": [name for name in then if name not in now],
    }
    words = [f"field {', '.join(names)} {verb}" for verb, names in changes.items() if names]
    return "; ".join(words) or "outside its fields"


def _field_fingerprints(version: SchemaVersion) -> dict[str, str]:
    return {
        field["name"]: hashlib.sha256(_compact(field)).hexdigest()[:16]
        for field in version.parsed["fields"]
    }


def _compact(field: Mapping[str, object]) -> bytes:
    return json.dumps(field, sort_keys=True, separators=(",", ":")).encode()
