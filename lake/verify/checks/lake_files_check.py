"""Checks all files of a lake: those that its log names, and any others that readers see."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from lake.layout import LakeLayout, hour_of_path, symbol_of_path
from lake.log.commit import Commit, CommittedFile, DataFile
from lake.log.commit_log import CommitLog
from lake.log.snapshot import Snapshot, is_prepared
from lake.storage.object_client import StoredObject
from lake.storage.object_path import LakePath, ObjectPath, lake_path
from lake.storage.parallel import in_parallel
from lake.verify.checks.file_check import FileCheck, check_file, is_readable, listed
from lake.verify.checks.log_check import LogCheck
from lake.verify.proofs import Proof, proof_of
from lake.verify.result import Problem, ProblemKind

__all__ = ["LakeFilesCheck", "check_files"]

_PUBLISHING_PATIENCE = 5.0
"""Seconds that the newest commit may take to put its files in place."""


@dataclass(frozen=True)
class LakeFilesCheck:
    """The result of one check of all files.

    Attributes:
        checks: the check of each file that is in place, by its path in the log.
        stray: files with trades that readers see although no commit names them.
        problems: the problems of all files.
    """

    checks: Mapping[str, FileCheck]
    stray: Sequence[LakePath]
    problems: Sequence[Problem]

    @property
    def sound(self) -> list[str]:
        """The paths of the files that are what was committed."""
        return [path for path, check in self.checks.items() if not check.problems]

    @property
    def known(self) -> int:
        """How many files a former verification proved."""
        return sum(check.is_known for check in self.checks.values())

    @property
    def read(self) -> int:
        """How many files were read."""
        gone = sum(problem.kind is ProblemKind.MISSING_FILE for problem in self.problems)
        return len(self.checks) - self.known - gone

    def proofs(self, but: Collection[str]) -> set[Proof]:
        """Return what proves the files from now on, but for those at some paths."""
        return {
            check.proof
            for path, check in self.checks.items()
            if check.proof is not None and path not in but
        }

    def with_columns(
        self, layout: LakeLayout, snapshot: Snapshot, columns: Sequence[str]
    ) -> list[DataFile]:
        """Return the files of trades that have these columns; read damaged files to make sure."""
        sound = set(self.sound)
        return [
            file
            for path, file in snapshot.files.items()
            if path in self.checks and (path in sound or is_readable(layout.base / path, columns))
        ]


def check_files(
    layout: LakeLayout, log: LogCheck, known: Collection[Proof] = frozenset()
) -> LakeFilesCheck:
    """Check every file that the log names, and every other file that readers see.

    Args:
        layout: the lake.
        log: its commit log.
        known: proofs of former verifications; a file that one of them is about is not read.
    """
    unfinished = _unfinished(layout, log.newest)
    waiting = {problem.where for problem in unfinished}
    in_place = [file for file in log.snapshot.all_files if file.path not in waiting]
    check_one = partial(_check, layout.base, known, _stored(layout))
    checked = (in_parallel if layout.is_on_store else map)(check_one, in_place)
    checks = {file.path: check for file, check in zip(in_place, checked, strict=True)}
    extra = _extra_files(layout, log, unfinished=bool(waiting))
    return LakeFilesCheck(
        checks,
        stray=[path for path in extra if _in_partition(path) and is_readable(path)],
        problems=[
            *unfinished,
            *(problem for check in checks.values() for problem in check.problems),
            *(_extra(layout, path) for path in extra),
        ],
    )


def _stored(layout: LakeLayout) -> dict[str, StoredObject] | None:
    """List what an object store has of the lake's files: less than a request for each."""
    folders = (layout.trades, layout.live, layout.quarantine, layout.retired)
    if not layout.is_on_store:
        return None
    return {
        found.key: found
        for folder in folders
        if isinstance(folder, ObjectPath)
        for found in folder.stored()
    }


def _check(
    base: LakePath,
    known: Collection[Proof],
    stored: Mapping[str, StoredObject] | None,
    file: CommittedFile,
) -> FileCheck:
    proof = proof_of(base, file, stored)
    if proof is not None and proof in known:
        return FileCheck(has_trades=isinstance(file, DataFile), proof=proof, is_known=True)
    return replace(check_file(base, file), proof=proof)


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


def _extra_files(layout: LakeLayout, log: LogCheck, *, unfinished: bool) -> list[LakePath]:
    """List files that readers see and that no commit names, up to the newest after listing."""
    found = listed(layout)
    known = set(log.snapshot.files)
    if log.newest is not None and unfinished:
        known |= {file.path for file in log.newest.removed_files}
    for commit in CommitLog(layout.commits).commits(after=log.snapshot.number):
        known |= {file.path for file in commit.files}
    above = len(str(layout.trades)) - len(layout.exchange)
    return [lake_path(path) for path in found if path[above:] not in known]


def _extra(layout: LakeLayout, path: LakePath) -> Problem:
    advice = "No commit names it, but readers see it: move it away."
    return Problem(ProblemKind.EXTRA_FILE, layout.relative(path), advice)


def _in_partition(path: LakePath) -> bool:
    try:
        symbol_of_path(str(path))
        hour_of_path(str(path))
    except ValueError:
        return False
    return path.suffix == ".parquet"
