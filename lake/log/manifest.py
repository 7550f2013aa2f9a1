"""A manifest: everything that is still needed of all commits up to one.

With it, their files are not needed any more. Its size depends on the live files, not on the commits
that ever were.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from lake.id_ranges import IdRanges
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit, Role
from lake.log.live_files import Snapshot

__all__ = ["Manifest", "NewestCommit"]


class NewestCommit(BaseModel):
    """The newest commit of one role."""

    model_config = ConfigDict(frozen=True)

    number: int
    run_id: str
    committed_at: datetime


@dataclass
class Manifest:
    """What all commits up to one result in.

    Attributes:
        state: the checkpoint of the log.
        snapshot: the live files.
        newest: the newest commit of each role.
        left_out: the commits that left fields out and were not read again since.
    """

    state: LogCheckpoint = field(default_factory=LogCheckpoint)
    snapshot: Snapshot = field(default_factory=Snapshot)
    newest: dict[Role, NewestCommit] = field(default_factory=dict)
    left_out: IdRanges = field(default_factory=IdRanges)

    @property
    def number(self) -> int:
        """The newest commit applied."""
        return self.state.number

    def apply_all(self, commits: Iterable[Commit]) -> Self:
        """Apply commits, in their order."""
        for commit in commits:
            self.state.apply(commit)
            self.snapshot.apply_all([commit])
            self.newest[commit.role] = NewestCommit(
                number=commit.number, run_id=commit.run_id, committed_at=commit.committed_at
            )
            if commit.reread is not None:
                again = IdRanges([(commit.reread.first, commit.reread.last)])
                self.left_out = self.left_out.without(again)
            if commit.left_out:
                self.left_out.add(commit.number, commit.number)
        return self
