"""Where each group is installed, and whether that matches the lock."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from infra.jars import place
from infra.jars.artifact import LockedArtifact
from infra.jars.errors import LockInvalid
from infra.jars.groups import REGISTRY, SPARK, Group
from infra.jars.lock import Lock, digest
from infra.jars.pyspark_home import PysparkHome
from infra.jars.receipt import is_current

__all__ = ["DEFAULT_FOLDER", "Installation", "Placer", "exclusive", "plan"]

DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[2] / ".jars"
"""The folder `.jars` in the repository's root."""

Placer = Callable[[Iterable[Path], Path, str], None]


@dataclass(frozen=True)
class Installation:
    """One group on this machine: its locked archives and its target folder."""

    group: Group
    artifacts: tuple[LockedArtifact, ...]
    cache: Path
    target: Path
    pyspark: PysparkHome

    @property
    def size(self) -> int:
        """The size of all archives, in bytes."""
        return sum(artifact.size for artifact in self.artifacts)

    def is_complete(self) -> bool:
        """Return whether nothing is left to do. Quick: compares only names and sizes."""
        wired = self.group != SPARK or self.pyspark.is_wired()
        return wired and is_current(self.target, digest(self.artifacts))

    def place(self) -> None:
        """Put the verified archives from the cache into their folder."""
        archives = [self.cache / one.coordinates.cache_path for one in self.artifacts]
        placer: Placer = place.place_in_folder
        if self.group == REGISTRY:
            placer = place.place_unpacked
        elif self.group == SPARK:
            placer = place.place_among
        placer(archives, self.target, digest(self.artifacts))
        if self.group == SPARK:
            self.pyspark.wire()


def plan(
    groups: Iterable[Group], lock: Lock, folder: Path, pyspark: PysparkHome
) -> list[Installation]:
    """Return the installations of `groups`.

    Raises:
        LockInvalid: The lock has no such group.
    """
    planned = []
    for group in groups:
        if group.name not in lock:
            raise LockInvalid(
                f"jars.lock has no group {group.name!r}; write it again with: "
                "python -m infra.jars --lock"
            )
        target = pyspark.jars if group == SPARK else folder / group.name
        cache = folder / "ivy" / group.name
        planned.append(Installation(group, lock[group.name], cache, target, pyspark))
    return planned


@contextmanager
def exclusive(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Lock `folder` for this process. If another has locked it, call `waiting` and wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            waiting()
            flock(file, LOCK_EX)
        yield
