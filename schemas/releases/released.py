"""What is released and may never change again: fingerprints of every released version.

`released.json` holds, per version, the SHA-256 of its schema file and of its golden records, and
one of each field, so that a changed or deleted file shows without any history of the repository,
and the message can name the field.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.catalogue import SCHEMAS_FOLDER, Catalogue, SchemaVersion
from schemas.errors import ReleaseError

PROJECT_ROOT = SCHEMAS_FOLDER.parent
LEDGER = Path("schemas", "released.json")


@dataclass(frozen=True)
class Release:
    """The fingerprints of one released version, all SHA-256 in hexadecimal.

    Attributes:
        schema: Of the schema file's bytes.
        golden_bytes: Of the golden records' file.
        golden_values: Of the file that says what they hold.
        fields: Of each field as compact JSON, by name; shortened to 16 digits, since they only
            tell which field it was.
    """

    schema: str
    golden_bytes: str
    golden_values: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class VersionFiles:
    """Where the files of one version are, as paths from the project's root."""

    schema: Path
    golden_bytes: Path
    golden_values: Path


def files_of(version: SchemaVersion) -> VersionFiles:
    """Where the files of a version are, or will be once it is released."""
    golden = Path("tests", "contract", "golden", f"{version.record}-v{version.version}")
    return VersionFiles(
        schema=Path("schemas", version.record, f"v{version.version}.avsc"),
        golden_bytes=golden.with_suffix(".bin"),
        golden_values=golden.with_suffix(".json"),
    )


def take_fingerprints(version: SchemaVersion, root: Path) -> Release:
    """The fingerprints of a version's files as they are now."""
    files = files_of(version)
    return Release(
        schema=fingerprint(root / files.schema),
        golden_bytes=fingerprint(root / files.golden_bytes),
        golden_values=fingerprint(root / files.golden_values),
        fields=_field_fingerprints(version),
    )


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_releases(root: Path = PROJECT_ROOT) -> dict[str, Release]:
    """All releases by the version's name, `trade v1`, in the order of their release.

    Raises:
        ReleaseError: The ledger is missing or unreadable.
    """
    path = root / LEDGER
    try:
        return {name: Release(**entry) for name, entry in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ReleaseError(f"{path} cannot be read ({error}); it belongs to the repository") from error


def save_releases(releases: Mapping[str, Release], root: Path) -> None:
    """Write the ledger anew."""
    entries = {name: asdict(release) for name, release in releases.items()}
    (root / LEDGER).write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def changes_since_release(
    catalogue: Catalogue, releases: Mapping[str, Release], root: Path = PROJECT_ROOT
) -> Iterator[str]:
    """One sentence for each released schema file that changed or went missing since."""
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
    """One sentence for each version that may still change, and so must not be registered."""
    for contract in catalogue:
        for version in contract.versions:
            if str(version) not in releases:
                yield f"{version} is not released; release it: python -m schemas release"


def golden_changes_since_release(
    catalogue: Catalogue, releases: Mapping[str, Release], root: Path = PROJECT_ROOT
) -> Iterator[str]:
    """One sentence for each golden file of a release that changed or went missing since."""
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
    told = {
        "changed": changed,
        "added": [name for name in now if name not in then],
        "removed": [name for name in then if name not in now],
    }
    words = [f"field {', '.join(names)} {verb}" for verb, names in told.items() if names]
    return "; ".join(words) or "outside its fields"


def _field_fingerprints(version: SchemaVersion) -> dict[str, str]:
    return {
        field["name"]: hashlib.sha256(_compact(field)).hexdigest()[:16]
        for field in version.parsed["fields"]
    }


def _compact(field: Mapping[str, object]) -> bytes:
    return json.dumps(field, sort_keys=True, separators=(",", ":")).encode()
