"""Publishing in an object store, which can neither rename nor swap: by copies and removals.

A commit of the stream names the keys that its tasks wrote to, so nothing is left to do. A commit
that closes an hour names an object under staging and the key that it gets in the readers' folder;
the store copies it, then the staged one is removed. The copy is repeated by whoever finds it
undone. A staged object that is gone has been copied, since it is removed last: a process that
wakes up late cannot bring back an object that was retired since.

An object in the readers' folder never replaces others, and is removed by a retirement only. So a
reader who lists that folder finds closed hours, each trade once, at any moment.
"""

from lake.layout import LakeLayout
from lake.log.commit import Commit, CommittedFile
from lake.log.commit_log import CommitLog
from lake.storage.object_path import ObjectPath

__all__ = ["publish_objects"]


def publish_objects(layout: LakeLayout, log: CommitLog, commit: Commit) -> None:
    """Do what is left to do of the newest commit. Any process may, and several may at once.

    The files that it replaces stay until the next run of maintenance: readers may be opening them.

    Args:
        layout: a lake in an object store.
        log: its commit log.
        commit: the newest commit.

    Raises:
        FileNotFoundError: An object is neither under staging nor in place.
        StoreRefused: The store refused or did not answer.
    """
    base = layout.base
    if not isinstance(base, ObjectPath):
        raise TypeError(f"{base} is no object store")
    # The proof of what is retired is put in place last: until then the commit is unfinished.
    retired = commit.removed_files if commit.retired is not None else ()
    removed = [(base / file.path).key for file in (*retired, *commit.removed_quarantine)]
    base.client.delete(removed)
    arriving = [file for file in commit.published if file.staged != file.path]
    for file in arriving:
        _copy(base, log, commit, file)
    base.client.delete((base / file.staged).key for file in arriving)


def _copy(base: ObjectPath, log: CommitLog, commit: Commit, file: CommittedFile) -> None:
    target = base / file.path
    try:
        base.client.copy((base / file.staged).key, target.key)
    except FileNotFoundError:
        # Somebody else has finished it. Whoever wrote a later commit may have retired it, too.
        if not target.exists() and not log.reaches(commit.number + 1):
            raise
