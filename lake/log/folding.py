"""Folding: sums up the commit log in a manifest, and removes the files of commits that are in it.

    manifest   it is written and made durable; its name says up to which commit files may be gone
    summaries  `_state.json` and `_snapshot.json`, from which earlier versions start, are renewed
    remove     the files of the folded commits are removed
    tidy       older manifests are removed, but for the one before

Each step is durable before the next begins, so a kill at any point leaves a log that can be read,
and the next fold does the rest. No commit is folded that is not in the manifest before, too: if the
newest manifest is damaged, the one before and the commits since give the same.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from lake.errors import LakeDamaged, WriterFenced
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.manifest import Manifest
from lake.log.snapshot import save_snapshot
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import flush, names_in

__all__ = ["Folded", "fold"]

_AT_ONCE: Final = 10_000
"""Names that are listed before they are removed: a folder is not changed while it is listed."""


@dataclass(frozen=True)
class Folded:
    """The result of folding.

    Attributes:
        number: the newest commit in the manifest.
        folded: the newest commit whose file is not kept.
        removed: how many commit files were removed.
    """

    number: int
    folded: int
    removed: int


def fold(layout: LakeLayout, up_to: int, older_than: datetime) -> Folded:
    """Fold the log. Only the process that holds the maintenance role may do this.

    Args:
        layout: the lake.
        up_to: the newest commit; its files and those of all commits before are in place, durably.
        older_than: only commits from before this time are removed, UTC.

    Raises:
        LakeDamaged: A commit is missing or unreadable; nothing was removed.
        WriterFenced: Another process has folded more of it.
        LakeUnwritable: The storage refused a write.
    """
    if not up_to:
        return Folded(0, 0, 0)
    log = CommitLog(layout.commits)
    former = log.manifests.newest()
    before = former.number if former else 0
    # Looked for after reading: another process may have folded meanwhile.
    if any(name.number > up_to for name in log.manifests.names()):
        raise WriterFenced(
            f"another process has folded {layout.commits} beyond commit {up_to}. This one stops "
            "and has removed nothing; run one per lake."
        )
    manifest = (former or Manifest()).apply_all(log.commits(after=before, up_to=up_to))
    if manifest.number != up_to:
        raise LakeDamaged(
            f"commit {manifest.number + 1} is missing in {layout.commits}, so the log is not "
            "folded: what it landed would be forgotten. `python -m lake verify` names all that "
            "are missing; restore them from a copy."
        )
    folded = max(log.folded(), _newest_before(log, older_than, up_to=before))
    if manifest.number > before:
        log.manifests.save(manifest, folded)
        log.manifests.drop_others(manifest.number, before)
    # Also if nothing is new: a fold may have been killed before it came this far.
    log.save_state(manifest.state)
    save_snapshot(layout, manifest.snapshot)
    flush([layout.commits])
    folded = min(log.folded(), up_to)
    return Folded(manifest.number, folded, _remove(layout.commits, folded, manifest.left_out))


def _newest_before(log: CommitLog, time: datetime, up_to: int) -> int:
    """Return the newest commit up to one that is older than a time; 0 if none on disk is.

    Commits are in the order of their times, unless a clock was set back; then too many are kept or
    some are removed early, by as much as the clock was wrong.
    """
    low, high = log.folded(), up_to
    while low < high:
        middle = (low + high + 1) // 2
        commit = log.read(middle)
        if commit is not None and commit.committed_at < time:
            low = middle
        else:
            high = middle - 1
    return low


def _remove(folder: LakePath, folded: int, kept: IdRanges) -> int:
    """Remove the files of folded commits; return how many. Not flushed: they count no more."""
    if isinstance(folder, ObjectPath):
        gone = [
            (folder / name).key
            for name, number in _numbered(names_in(folder))
            if number <= folded and number not in kept
        ]
        folder.client.delete(gone)
        return len(gone)
    removed = 0
    with os.scandir(folder) as entries:
        names = _numbered(entry.name for entry in entries)
        while some := list(islice(names, _AT_ONCE)):
            for name, number in some:
                if number <= folded and number not in kept:
                    (folder / name).unlink(missing_ok=True)
                    removed += 1
    return removed


def _numbered(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        stem, dot, suffix = name.partition(".")
        if suffix == "json" and dot and stem.isdigit():
            yield name, int(stem)
