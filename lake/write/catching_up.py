"""Catching up: what a writer does about the commits that others have written meanwhile."""

from dataclasses import dataclass

from lake.errors import CommitsFolded, LakeDamaged, WriterFenced
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit, Role
from lake.log.commit_log import CommitLog

__all__ = ["CaughtUp", "catch_up", "lost_file"]


@dataclass
class CaughtUp:
    """The log's end as it was found.

    Attributes:
        state: what all its commits result in.
        newest: the newest commit, which may be unfinished; None if there was none, or if all that
            were read are folded since: these are finished.
        lost_folders: whether folders of the lake may have been removed.
    """

    state: LogCheckpoint
    newest: Commit | None = None
    lost_folders: bool = False


def catch_up(log: CommitLog, state: LogCheckpoint, role: Role, rivals_after: float) -> CaughtUp:
    """Apply the commits after a state, up to the newest.

    Args:
        log: the commit log.
        state: what the writer knows; it is changed.
        role: the writer's role.
        rivals_after: the newest commit that may be one of the writer's own role: a later one was
            written by a rival.

    Raises:
        WriterFenced: Another writer of this role is at work.
        LakeDamaged: A commit or every manifest is unreadable.
    """
    found = CaughtUp(state)
    while True:
        try:
            for commit in log.commits(after=found.state.number):
                if commit.role is role:
                    _refuse_rival(log, role, commit.number, commit.run_id, rivals_after)
                found.state.apply(commit)
                found.newest = commit
                found.lost_folders = found.lost_folders or commit.retired is not None
        except CommitsFolded:
            found = CaughtUp(_folded(log, role, rivals_after), lost_folders=True)
        else:
            return found


def lost_file(commit: Commit, error: FileNotFoundError) -> LakeDamaged:
    """Return the error for a commit whose file is missing while it is being published."""
    return LakeDamaged(
        f"commit {commit.number} names {error.filename2 or error.filename}, which is neither in "
        "place nor under staging. Restore it from a copy of the lake."
    )


def _folded(log: CommitLog, role: Role, rivals_after: float) -> LogCheckpoint:
    """Continue from the newest manifest: commits were folded while this writer had no work.

    Every commit in a manifest is finished.
    """
    manifest = log.manifests.newest_header()
    if manifest is None:
        raise LakeDamaged(
            f"the manifests in {log.folder} are gone while they are needed. Restore them from a "
            "copy."
        )
    if newest := manifest.newest.get(role):
        _refuse_rival(log, role, newest.number, newest.run_id, rivals_after)
    return LogCheckpoint.from_record(manifest.state)


def _refuse_rival(
    log: CommitLog, role: Role, number: int, run_id: str, rivals_after: float
) -> None:
    if number > rivals_after:
        raise WriterFenced(
            f"commit {number} in {log.folder} was written by another {role} (run {run_id}). This "
            "one stops and has published nothing of its batch; run one per lake."
        )
