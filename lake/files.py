"""The data files that the lake is made of, by its commit log."""

from lake.commit import DataFile
from lake.commit_log import CommitLog
from lake.layout import LakeLayout

__all__ = ["live_files"]


def live_files(layout: LakeLayout, at: int | None = None) -> list[DataFile]:
    """Exactly the files that hold the lake's trades, in the order of their commits.

    Args:
        layout: the lake.
        at: the commit to stop at, for the lake as it was then; None for the newest.

    Raises:
        LakeDamaged: a commit is unreadable.
    """
    live: dict[str, DataFile] = {}
    for commit in CommitLog(layout.commits).commits():
        if at is not None and commit.number > at:
            break
        for gone in commit.removed_files:
            live.pop(gone.path, None)
        live |= {file.path: file for file in commit.files}
    return list(live.values())
