"""Checks all files of a lake: those that its log names, and any others that readers see."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.layout import LakeLayout, hour_of_path, symbol_of_path
from lake.log.commit import Commit, DataFile
from lake.log.commit_log import CommitLog
from lake.log.snapshot import Snapshot, is_prepared
from lake.verify.file_check import FileCheck, check_file, is_readable, listed
from lake.verify.log_check import LogCheck
from lake.verify.result import Problem, ProblemKind

__all__ = ["LakeFilesCheck", "check_files"]

_PUBLISHING_PATIENCE = 5.0
"""Seconds that the newest commit may take to put its files in place."""


@dataclass(frozen=True)
class LakeFilesCheck:
    """The result of one check of all files.

    Attributes:
        audits: the check of each file that is in place, by its path in the log.
        stray: files with trades that readers see although no commit names them.
        problems: the problems of all files.
    """

    audits: Mapping[str, FileCheck]
    stray: Sequence[Path]
    problems: Sequence[Problem]

    @property
    def sound(self) -> list[str]:
        """The paths of the files that are what was committed."""
        return [path for path, audit in self.audits.items() if not audit.problems]

    def with_columns(
        self, layout: LakeLayout, snapshot: Snapshot, columns: Sequence[str]
    ) -> list[DataFile]:
        """Return the files of trades that have these columns; read damaged files to make sure."""
        sound = set(self.sound)
        return [
            file
            for path, file in snapshot.files.items()
            if path in self.audits and (path in sound or is_readable(layout.base / path, columns))
        ]


def check_files(layout: LakeLayout, log: LogCheck) -> LakeFilesCheck:
    """Check every file that the log names, and every other file that readers see."""
    unfinished = _unfinished(layout, log.newest)
    waiting = {problem.where for problem in unfinished}
    audits = {
        file.path: check_file(layout.base, file)
        for file in log.snapshot.all_files
        if file.path not in waiting
    }
    extra = _extra_files(layout, log, unfinished=bool(waiting))
    return LakeFilesCheck(
        audits,
        stray=[path for path in extra if _in_partition(path) and is_readable(path)],
        problems=[
            *unfinished,
            *(problem for audit in audits.values() for problem in audit.problems),
            *(_extra(layout, path) for path in extra),
        ],
    )


def _unfinished(layout: LakeLayout, newest: Commit | None) -> list[Problem]:
    """List files of the newest commit that are not in place yet, after giving its writer time.

    A file that is not under staging either is not among them: it is missing.
    """
    deadline = time.monotonic() + _PUBLISHING_PATIENCE
    while newest is not None and not CommitLog(layout.commits).reaches(newest.number + 1):
        waiting = [file.path for file in newest.published if is_prepared(layout.base, file)]
        if not waiting:
            break
        if time.monotonic() > deadline:
            advice = f"Commit {newest.number} is not finished: start the stream to finish it."
            return [Problem(ProblemKind.UNFINISHED, path, advice) for path in waiting]
        time.sleep(0.05)
    return []


def _extra_files(layout: LakeLayout, log: LogCheck, *, unfinished: bool) -> list[Path]:
    """List files that readers see and that no commit names, up to the newest after listing."""
    found = listed(layout)
    known = {layout.base / path for path in log.snapshot.files}
    if log.newest is not None and unfinished:
        known |= {layout.base / file.path for file in log.newest.removed_files}
    for commit in CommitLog(layout.commits).commits(after=log.snapshot.number):
        known |= {layout.base / file.path for file in commit.files}
    return [path for path in found if path not in known]


def _extra(layout: LakeLayout, path: Path) -> Problem:
    advice = "No commit names it, but readers see it: move it away."
    return Problem(ProblemKind.EXTRA_FILE, layout.relative(path), advice)


def _in_partition(path: Path) -> bool:
    try:
        symbol_of_path(str(path))
        hour_of_path(str(path))
    except ValueError:
        return False
    return path.suffix == ".parquet"
