"""Working out the lock anew from what the groups ask for by name."""

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.jars import ivy
from infra.jars.artifact import Coordinates, LockedArtifact, sha256_of
from infra.jars.errors import FetchFailed, ResolveFailed
from infra.jars.groups import SPARK, Group
from infra.jars.lock import Lock
from infra.jars.pyspark_home import PysparkHome
from infra.java import Java


def resolve_lock(java: Java, pyspark: PysparkHome, folder: Path, groups: Iterable[Group]) -> Lock:
    """Return a new lock: every root, all that it needs, and their sums.

    What Spark finds in pyspark's own jars is left out of its group: a second version of an
    artefact on one class path makes which of them is used a matter of chance.

    Raises:
        ResolveFailed: a root or something it needs could not be found or fetched.
    """

    def resolve(group: Group) -> tuple[LockedArtifact, ...]:
        found = _resolve_group(java, pyspark.ivy_jar, folder / "relock" / group.name, group)
        if group == SPARK:
            found = [one for one in found if not pyspark.ships(one.coordinates.name)]
        return tuple(sorted(found))

    groups = tuple(groups)
    with ThreadPoolExecutor(max_workers=len(groups)) as pool:
        resolved = list(pool.map(resolve, groups))
    shutil.rmtree(folder / "relock")
    return {group.name: found for group, found in zip(groups, resolved, strict=True)}


def _resolve_group(java: Java, ivy_jar: Path, cache: Path, group: Group) -> list[LockedArtifact]:
    """Resolve in an empty cache: whatever lies in it afterwards is what the roots need."""
    shutil.rmtree(cache, ignore_errors=True)
    try:
        ivy.fetch(java, ivy_jar, cache, group.roots, transitive=group.transitive)
    except FetchFailed as exc:
        raise ResolveFailed(str(exc)) from exc
    return [
        LockedArtifact(coordinates_at(path, cache), path.stat().st_size, sha256_of(path))
        for path in (cache / "artifacts").rglob("*")
        if path.is_file()
    ]


def coordinates_at(path: Path, cache: Path) -> Coordinates:
    """Read an archive's coordinates from its path below the cache, as `cache_path` built it."""
    _, organisation, name, version, file_name = path.relative_to(cache).parts
    rest = file_name.removeprefix(f"{name}-{version}")
    classifier, _, extension = rest.removeprefix("-").partition(".")
    return Coordinates(organisation, name, version, extension, classifier)
