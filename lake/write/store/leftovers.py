"""What earlier runs of a role left in an object store, and its removal.

A run that was killed leaves uploads that no commit names. A later run may remove them once the
former one cannot commit any more: after its own first commit, the fence. What it may remove is
listed before that commit. So a process that sleeps between listing and removing cannot remove what
a still later run uploaded, and no clock decides.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lake.errors import CommitsFolded, StoreRefused
from lake.layout import LakeLayout
from lake.log.commit import Commit, Role
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.storage.object_path import ObjectPath
from lake.write.staged_files import StagedFile
from lake.write.store.keys import author_mark, deduplicated

__all__ = ["Leftovers", "drop_unused", "refuse_unconditional"]

_TRIES: Final = 3
"""A later run may remove the key between the two writes, but hardly so often in a row."""


def refuse_unconditional(layout: LakeLayout, role: Role, run_id: str) -> None:
    """Refuse a store that lets two writers create the same key, by trying it.

    Args:
        layout: a lake in an object store.
        role: the role that the process is to have.
        run_id: unique to this run.

    Raises:
        StoreRefused: Both attempts succeeded each time, or the store refused or did not answer.
    """
    # Under staging, where the next start removes what a killed one has left.
    tried = layout.staging(role) / run_id / "conditional-write"
    if not isinstance(tried, ObjectPath):
        raise TypeError(f"{tried} is in no object store")
    # A later run of the role removes what it finds under staging, perhaps between two writes.
    if all(_both_succeed(tried) for _ in range(_TRIES)):
        raise StoreRefused(
            f"{tried.bucket} ignores the condition of a conditional write (If-None-Match): two "
            "writers could write the same commit. Nothing was lost. Use a store that has "
            "conditional writes, such as Amazon S3, or a newer version of this one."
        )


def _both_succeed(tried: ObjectPath) -> bool:
    """Create a key twice and remove it; return whether the store let both pass."""
    client = tried.client
    try:
        return client.create(tried.key, b"first") and client.create(tried.key, b"second")
    finally:
        client.delete([tried.key])


def drop_unused(layout: LakeLayout, uploaded: Iterable[StagedFile], commit: Commit) -> None:
    """Remove the uploads of a batch that its commit does not name.

    Some or all of their trades had landed before. A copy without these took the place of the one,
    and nothing that of the other.

    Raises:
        StoreRefused: The store refused or did not answer; the batch has landed all the same.
    """
    if isinstance(layout.base, ObjectPath):
        named = {layout.base / file.staged for file in commit.files}
        unused = [file.path for file in uploaded if file.path not in named]
        copies = [copy for path in unused if (copy := deduplicated(path)) not in named]
        gone = [path for path in (*unused, *copies) if isinstance(path, ObjectPath)]
        layout.base.client.delete(path.key for path in gone)


@dataclass(frozen=True)
class Leftovers:
    """The keys in a store that no run at work needs, unless a commit names them.

    Attributes:
        staged: uploads of earlier runs of the role that are copied when they are committed.
        uploaded: uploads of earlier runs of the role where they stay.
        replaceable: in the maintenance role, the uploads of all other runs: commits may have
            replaced them.
    """

    base: ObjectPath
    staged: tuple[str, ...] = ()
    uploaded: tuple[str, ...] = ()
    replaceable: tuple[str, ...] = ()

    @classmethod
    def listed(cls, layout: LakeLayout, role: Role, run_id: str) -> "Leftovers":
        """List them; call this before the run's first commit.

        Raises:
            StoreRefused: The store refused or did not answer.
        """
        base, staging = layout.base, layout.staging(role)
        if not isinstance(base, ObjectPath) or not isinstance(staging, ObjectPath):
            raise TypeError(f"{base} is no object store")
        own = author_mark(role, run_id)
        others = [
            path
            for folder in (layout.live, layout.quarantine)
            if isinstance(folder, ObjectPath)
            for path in folder.below()
            if not _upload_of(path).startswith(own)
        ]
        of_role = [path.key for path in others if _upload_of(path).startswith(f"{role}-")]
        return cls(
            base,
            staged=tuple(
                path.key for path in staging.below() if not path.is_relative_to(staging / run_id)
            ),
            uploaded=tuple(of_role),
            replaceable=tuple(path.key for path in others) if role is Role.MAINTENANCE else (),
        )

    def remove(self, layout: LakeLayout, log: CommitLog, fence: int) -> int:
        """Remove what no commit needs; return how many objects that are.

        Files that a commit replaced are removed by the next run of maintenance, so that readers who
        had listed them could finish. Each run of maintenance ends with a manifest, and every commit
        since the manifest before the newest is kept: so the commits of the last run are there.

        Args:
            layout: the lake.
            log: its commit log.
            fence: the number of this run's first commit. All commits before are finished.

        Raises:
            LakeDamaged: A commit is unreadable or missing.
            StoreRefused: The store refused or did not answer.
        """
        gone = set(self.staged)
        # A later run of maintenance has folded the commits that are needed here, while this one
        # slept: the next run removes the rest.
        with suppress(CommitsFolded):
            gone |= self._not_needed(layout, log, fence)
        self.base.client.delete(sorted(gone))
        return len(gone)

    def _not_needed(self, layout: LakeLayout, log: CommitLog, fence: int) -> set[str]:
        if not (self.uploaded or self.replaceable):
            return set()
        needed = self._keys(file.path for file in read_snapshot(layout, at=fence).all_files)
        gone = set(self.uploaded) - needed
        replaceable = set(self.replaceable) - needed - gone
        if replaceable:
            before_newest = [0, *(name.number for name in log.manifests.names()[:-1])][-1]
            for commit in log.commits(after=before_newest, up_to=fence):
                gone |= replaceable & self._keys(file.path for file in commit.removed)
        return gone

    def _keys(self, paths: Iterable[str]) -> set[str]:
        return {(self.base / path).key for path in paths}


def _upload_of(path: ObjectPath) -> str:
    """Return the part of a key that begins with role and run: the file's name or its folder's."""
    in_quarantine = path.parent.parent.name == "quarantine"
    return path.parent.name if in_quarantine else path.name
