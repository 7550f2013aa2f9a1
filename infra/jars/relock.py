"""Resolves a new lock from the archives that the groups request by name."""

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.jars import ivy
from infra.jars.artifact import Coordinates, LockedArtifact, sha256_of
from infra.jars.errors import FetchFailed, ResolveFailed
from infra.jars.groups import BESIDE_PYSPARK, Group
from infra.jars.lock import Lock
from infra.jars.pyspark_home import PysparkHome
from infra.java import Java

__all__ = ["coordinates_at", "resolve_lock"]


def resolve_lock(java: Java, pyspark: PysparkHome, folder: Path, groups: Iterable[Group]) -> Lock:
    """Return a new lock: every root and its dependencies, with their checksums.

    Artefacts that pyspark contains are left out of the groups that join it: with two versions of an
    artefact on one class path, it is a matter of chance which of them is used.

    Raises:
        ResolveFailed: A root or a dependency could not be found or fetched.
    """

    def resolve(group: Group) -> tuple[LockedArtifact, ...]:
        found = _resolve_group(java, pyspark.ivy_jar, folder / "relock" / group.name, group)
        if group in BESIDE_PYSPARK:
            found = [one for one in found if not pyspark.ships(one.coordinates.name)]
        return tuple(sorted(found))

    groups = tuple(groups)
    with ThreadPoolExecutor(max_workers=len(groups)) as pool:
        resolved = list(pool.map(resolve, groups))
    shutil.rmtree(folder / "relock")
    return {group.name: found for group, found in zip(groups, resolved, strict=True)}


def _resolve_group(java: Java, ivy_jar: Path, cache: Path, group: Group) -> list[LockedArtifact]:
    """Resolve into an empty cache, which then holds exactly the roots and their dependencies."""
    shutil.rmtree(cache, ignore_errors=True)
    try:
        ivy.fetch(java, ivy_jar, cache, group.roots, transitive=group.transitive)
    except FetchFailed as error:
        raise ResolveFailed(str(error)) from error
    return [
        LockedArtifact(coordinates_at(path, cache), path.stat().st_size, sha256_of(path))
        for path in (cache / "artifacts").rglob("*")
        if path.is_file()
    ]


def coordinates_at(path: Path, cache: Path) -> Coordinates:
    """Return an archive's coordinates from its path in the cache; the inverse of `cache_path`."""
    _, organisation, name, version, file_name = path.relative_to(cache).parts
    rest = file_name.removeprefix(f"{name}-{version}")
    classifier, _, extension = rest.removeprefix("-").partition(".")
    return Coordinates(organisation, name, version, extension, classifier)
