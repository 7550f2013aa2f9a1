"""Decides when a table that is kept up to date is brought up to date again."""

import time
from typing import Final

from lake.errors import CommitsFolded
from lake.log.commit_log import CommitLog
from lake.storage.object_path import ObjectPath

__all__ = ["LOOK_EVERY", "Pace"]

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the commit log, each of which opens one file at most if nothing is
new. A log in an object store is not looked at in between."""


class Pace:
    """Tells when a sync is due: every so often, and at once after files were removed.

    A merge replaces files that the table still lists, and whoever reads the table then gets "no
    such file" until it is brought up to date.

    In an object store the files that were merged stay until maintenance runs again, and each look
    is paid for. So there a sync is due every so often, and never before.

    Args:
        log: the commit log.
        every: seconds that new files wait for at most.
    """

    def __init__(self, log: CommitLog, every: float) -> None:
        self._log = log
        self._every = every
        self._looked_at: int | None = None
        self._next = 0.0
        self._urgent = False

    def is_due(self) -> bool:
        """Look at the new commits, and return whether to sync now.

        Raises:
            LakeDamaged: A commit is unreadable.
        """
        if self._looked_at is None or isinstance(self._log.folder, ObjectPath):
            return time.monotonic() >= self._next
        try:
            for commit in self._log.commits(after=self._looked_at):
                self._looked_at = commit.number
                self._urgent = self._urgent or bool(commit.removed_files)
        except CommitsFolded:
            self._urgent = True
        return self._urgent or time.monotonic() >= self._next

    def synced(self, commit: int) -> None:
        """Note that the table holds this commit now."""
        looked_at = self._looked_at or 0
        self._urgent = self._urgent and commit < looked_at
        self._looked_at = max(looked_at, commit)
        # One look early: a commit waits for the interval at most, and not for that and a look.
        self._next = time.monotonic() + self._every - LOOK_EVERY
