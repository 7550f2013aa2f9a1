"""Reads the commit log to its end: finds missing commits, and computes the files.

Of a log that was folded, reading starts at the older manifest. The newer one has to be what the
older one and the commits since result in, so each verification continues where a former one ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lake.errors import LakeBusy, LakeDamaged
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit
from lake.log.commit_log import SUMMARY, CommitLog
from lake.log.manifest import Manifest
from lake.log.manifest_store import ManifestName
from lake.log.snapshot import SAVED_AS, Snapshot, saved_snapshot
from lake.verify.left_out_fields import left_out_problems
from lake.verify.result import Problem, ProblemKind

__all__ = ["LogCheck", "check_log"]

_ATTEMPTS: Final = 5


@dataclass
class LogCheck:
    """The result of reading the commits.

    Attributes:
        snapshot: the files that make up the lake.
        newest: the newest commit.
        problems: the problems of the log itself.
        retired: the trade ids that were retired, per symbol folder.
    """

    snapshot: Snapshot = field(default_factory=Snapshot)
    newest: Commit | None = None
    problems: list[Problem] = field(default_factory=list)
    retired: Mapping[str, IdRanges] = field(default_factory=dict)


def check_log(layout: LakeLayout, *, full: bool = False) -> LogCheck:
    """Read every commit since the older manifest, and look for those kept from before.

    The summaries beside the log are only compared: they prove nothing. Commits that cannot be read
    are reported and skipped: their files count as extra files.

    Args:
        layout: the lake.
        full: whether to read also the commits from before the older manifest, as far as they are
            kept, and the snapshot that only earlier versions use.

    Raises:
        LakeBusy: The log was folded again and again while it was read.
    """
    for _ in range(_ATTEMPTS):
        reading = _Reading(layout)
        reading.run(full=full)
        if not reading.was_overtaken():
            return reading.result
    raise LakeBusy(f"{layout.commits} was folded {_ATTEMPTS} times while it was read; try again.")


class _Reading:
    """One reading of the log."""

    def __init__(self, layout: LakeLayout) -> None:
        self.result = LogCheck()
        self._layout = layout
        self._log = CommitLog(layout.commits)
        self._names = self._log.manifests.names()
        self._folded = max((name.folded for name in self._names), default=0)
        self._start = 0

    def was_overtaken(self) -> bool:
        """Return whether a fold may have removed meanwhile what was to be read or looks missing."""
        if self.result.problems and self._log.manifests.names() != self._names:
            return True
        return self._log.folded() > max(self._folded, self._start)

    def run(self, *, full: bool) -> None:
        """Read the commits in their order, and compare what they result in with what is stored."""
        result = self.result
        manifest = self._oldest_whole()
        self._start, seen = manifest.number, self._folded
        kept = [number for first, last in manifest.left_out for number in range(first, last + 1)]
        leaving = [commit for number in kept if (commit := self._read(number)) is not None]
        summary = self._summary()
        saved = saved_snapshot(self._layout) if full or not self._names else Snapshot()
        for number in self._log.numbers():
            result.problems += self._missing(after=seen, before=number)
            seen = number
            if number > self._start:
                manifest.state.number = manifest.snapshot.number = number
                commit = self._read(number)
                if commit is not None:
                    manifest.apply_all([commit])
                    result.newest = commit
                    leaving += [commit] if commit.left_out or commit.reread else []
            elif full:
                self._read(number)
            if number == manifest.number and not result.problems:
                result.problems += self._compared(manifest, summary, saved)
        for number in kept:
            # Its file is kept for as long as no later commit has read it again.
            if number in manifest.left_out and not self._log.path(number).exists():
                result.problems += self._missing(number - 1, before=number + 1)
        newest = max(summary.number, *(name.number for name in self._names), seen)
        result.problems += self._missing(seen, before=newest + 1)
        if result.newest is None and seen == self._start and seen:
            result.newest = self._read(seen)
        result.snapshot, result.retired = manifest.snapshot, manifest.state.retired
        result.problems += left_out_problems(self._layout, leaving, first=self._folded + 1)

    def _oldest_whole(self) -> Manifest:
        """Return the oldest manifest that is whole; report those that are not."""
        for name in self._names:
            manifest = self._manifest(name)
            if manifest is not None and manifest.number >= self._folded:
                return manifest
        return Manifest()

    def _manifest(self, name: ManifestName) -> Manifest | None:
        try:
            return self._log.manifests.read(name)
        except FileNotFoundError:
            return None  # A fold has just replaced it.
        except LakeDamaged as error:
            self._report(ProblemKind.WRONG_SUMMARY, self._where(name), str(error))
            return None

    def _compared(
        self, manifest: Manifest, summary: LogCheckpoint, saved: Snapshot
    ) -> Iterator[Problem]:
        """Yield a problem for each stored result of the commits that is another one."""
        number = manifest.number
        if number == summary.number and manifest.state != summary:
            yield self._wrong_summary(SUMMARY)
        if number == saved.number and manifest.snapshot != saved:
            yield self._wrong_summary(SAVED_AS)
        for name in self._names:
            if name.number != number or number == self._start:
                continue
            stored = self._manifest(name)
            if stored is not None and stored != manifest:
                yield Problem(
                    ProblemKind.WRONG_SUMMARY,
                    self._where(name),
                    "It is not what the manifest before it and the commits since result in. Stop "
                    "the writers, and restore the folder of the commits from a copy.",
                )

    def _summary(self) -> LogCheckpoint:
        try:
            return self._log.saved_state()
        except LakeDamaged:
            self.result.problems.append(self._wrong_summary(SUMMARY))
            return LogCheckpoint()

    def _read(self, number: int) -> Commit | None:
        where = self._name(number)
        try:
            commit = self._log.read(number)
        except LakeDamaged as error:
            self._report(ProblemKind.UNREADABLE_COMMIT, where, str(error))
            return None
        if commit is not None and commit.number != number:
            advice = f"It holds commit {commit.number}. Restore it from a copy."
            self._report(ProblemKind.UNREADABLE_COMMIT, where, advice)
            return None
        return commit

    def _missing(self, after: int, before: int) -> Iterator[Problem]:
        for number in range(after + 1, before):
            yield Problem(
                ProblemKind.MISSING_COMMIT,
                self._name(number),
                "Restore it from a copy; until then it is unknown what it landed.",
            )

    def _wrong_summary(self, name: str) -> Problem:
        return Problem(
            ProblemKind.WRONG_SUMMARY,
            self._layout.relative(self._layout.commits / name),
            "It does not match the commits. Stop the writers, remove it, and start them again.",
        )

    def _report(self, kind: ProblemKind, where: str, advice: str) -> None:
        self.result.problems.append(Problem(kind, where, advice))

    def _where(self, name: ManifestName) -> str:
        return self._layout.relative(self._log.manifests.path(name))

    def _name(self, number: int) -> str:
        return self._layout.relative(self._log.path(number))
