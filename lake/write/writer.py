"""The commit protocol: a batch goes from staging into the lake once, whatever is killed when.

    stage    Parquet files are written under staging/ROLE/RUN/BATCH
    flush    their content and their names are made durable
    commit   commits/N.json is created, only if N is free: from here on the batch has landed
    publish  the files are put in place, durably, and those that the commit removes are removed
    tidy     the batch's staging folder is removed

Each step is durable before the next begins, also if another process finishes the work. If the
writer is killed before the commit, the batch has not landed and its offsets are read again. If it
is killed after the commit, the next start, or the next commit of the other role, finishes the work:
publishing rolls forward, never back.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from lake.errors import LakeDamaged, WriterFenced
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit, Role
from lake.log.commit_log import STATE_EVERY, CommitLog
from lake.settings import Compression
from lake.storage.durable_folders import DurableFolders
from lake.storage.local_files import storage_errors
from lake.storage.lock import writer_lock
from lake.write.batch import Author, Batch, StagedBatch, describe, read_staged
from lake.write.deduplication import Deduplicated, check_replacement, drop_duplicates
from lake.write.publishing import publish

__all__ = ["LakeWriter"]


class LakeWriter:
    """The only writer of a lake in its role; `LakeWriter.open` creates it.

    Attributes:
        state: what has landed so far.
    """

    def __init__(self, author: Author, compression: Compression) -> None:
        self._author = author
        self._layout = author.layout
        self._log = CommitLog(author.layout.commits)
        self._staging = author.layout.staging(author.role)
        self._compression: Compression = compression
        self._folders = DurableFolders(author.layout.base)
        self.state = LogCheckpoint()

    @classmethod
    @contextmanager
    def open(
        cls,
        layout: LakeLayout,
        *,
        run_id: str,
        role: Role = Role.STREAM,
        compression: Compression = "zstd",
    ) -> Iterator[Self]:
        """Lock the lake, finish what a predecessor left unfinished, and unlock it at the end.

        Raises:
            LakeBusy: Another process has this role.
            LakeDamaged: The commit log or a committed file is missing or unreadable.
            LakeUnwritable: The storage refused a write.
        """
        writer = cls(Author(layout, role, run_id), compression)
        with ExitStack() as held:
            # Not around the yield: errors of the caller's own code are not the storage's errors.
            with storage_errors(layout.platform):
                held.enter_context(writer_lock(layout.lock_file(role)))
                writer._recover()
            yield writer

    def staging_folder(self, batch_number: int) -> Path:
        """Return the empty folder for a batch of this run, and drop what lay there before."""
        folder = self._of_this_run / str(batch_number)
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def commit(self, batch: Batch) -> Commit:
        """Land a staged batch: when this returns, readers see it and it survives a power cut.

        A commit of the other role in between is no conflict: this one takes the next number. A
        commit of the same role is one: two processes then do the same work.

        If a batch replaces files, the caller removes its folder: the replaced files are in it
        afterwards, and readers that have already listed them must be able to finish.

        Raises:
            StagingIncomplete: The staged files do not hold the rows that were counted.
            WriterFenced: Another writer of this role is at work; nothing of the batch is visible.
            LakeUnwritable: The storage refused a write.
        """
        with storage_errors(self._layout.platform):
            staged = read_staged(batch)
            while True:
                self._catch_up()
                commit = describe(
                    batch,
                    self._admitted(staged, batch),
                    staged.undecodable,
                    state=self.state,
                    author=self._author,
                )
                if self._append(commit):
                    break
            publish(self._layout, self._log, commit, self._folders)
            if not batch.replaced_files:
                shutil.rmtree(batch.folder, ignore_errors=True)
            self._count_in(commit)
        return commit

    def _append(self, commit: Commit) -> bool:
        """Append a commit once all that it names is durable; False if its number is taken."""
        staged = [self._layout.base / file.staged for file in commit.published]
        run = self._of_this_run
        inside = {
            parent for path in staged for parent in path.parents if parent.is_relative_to(run)
        }
        folders = [self._layout.commits, *([run] if staged else [])]
        needed = {*staged, *inside, *self._folders.parents_to_flush(folders)}
        if not self._log.append(commit, needed):
            return False
        self._folders.remember(folders)
        return True

    @property
    def _of_this_run(self) -> Path:
        return self._staging / self._author.run_id

    def _admitted(self, staged: StagedBatch, batch: Batch) -> list[Deduplicated]:
        if batch.replaced_files:
            return check_replacement(staged.trades, batch.replaced_files)
        return drop_duplicates(staged.trades, self.state.landed, self._compression)

    def _catch_up(self) -> None:
        """Apply what the other role committed meanwhile, and finish its newest commit.

        Only the newest commit can be unfinished: every writer runs this before its own commit.
        """
        newest = None
        for commit in self._log.commits(after=self.state.number):
            if commit.role is self._author.role:
                raise WriterFenced(
                    f"commit {commit.number} in {self._layout.commits} was written by another "
                    f"{self._author.role} (run {commit.run_id}). This one stops and has published "
                    "nothing of its batch; run one per lake."
                )
            self._count_in(commit)
            newest = commit
        if newest is not None:
            self._finish(newest)

    def _finish(self, newest: Commit) -> None:
        """Publish what another process may have left undone.

        Its commit is visible but perhaps not durable yet. If a power cut took it after some of its
        files are in place, the same records would be read again and land twice.
        """
        self._folders.flush_names_in([self._layout.commits])
        publish(self._layout, self._log, newest, self._folders)

    def _count_in(self, commit: Commit) -> None:
        self.state.apply(commit)
        if commit.number % STATE_EVERY == 0:
            self._log.save_state(self.state)

    def _recover(self) -> None:
        """Finish the newest commit of either role, then drop this role's earlier staging."""
        self.state = self._log.state()
        newest = self._log.read(self.state.number) if self.state.number else None
        if newest is not None:
            try:
                self._finish(newest)
            except FileNotFoundError as error:
                raise LakeDamaged(
                    f"commit {newest.number} names {error.filename2 or error.filename}, which is "
                    "neither in place nor under staging. Restore it from a copy of the lake."
                ) from error
        shutil.rmtree(self._staging, ignore_errors=True)
