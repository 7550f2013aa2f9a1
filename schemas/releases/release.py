"""Releases versions: from then on their schemas and golden records never change."""

from pathlib import Path

from schemas.catalogue import Catalogue, SchemaVersion
from schemas.checks.compatibility import contract_faults
from schemas.errors import ReleaseError
from schemas.releases.golden import write_golden
from schemas.releases.released import (
    PROJECT_ROOT,
    changes_since_release,
    golden_changes_since_release,
    load_releases,
    save_releases,
    take_fingerprints,
)

__all__ = ["release_new"]


def release_new(catalogue: Catalogue, root: Path = PROJECT_ROOT) -> list[SchemaVersion]:
    """Write the golden records and the fingerprints of every version that has none.

    Returns:
        The versions released now; none if all were.

    Raises:
        ReleaseError: A version may not follow those before it, or a released file changed.
    """
    releases = load_releases(root)
    objections = [
        *changes_since_release(catalogue, releases, root),
        *golden_changes_since_release(catalogue, releases, root),
        *(str(fault) for contract in catalogue for fault in contract_faults(contract)),
    ]
    if objections:
        raise ReleaseError("nothing was released: " + "; ".join(objections))
    new = [
        version
        for contract in catalogue
        for version in contract.versions
        if str(version) not in releases
    ]
    for version in new:
        write_golden(version, root)
        releases[str(version)] = take_fingerprints(version, root)
        save_releases(releases, root)
    return new
