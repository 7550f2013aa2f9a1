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

In an object store the stream's files are uploaded to where they stay, and the commit is a
conditional write. No lock is taken there: each start writes an empty commit of its role, the fence,
after which no earlier run of that role can commit.
"""

import math
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from lake.errors import StagingIncomplete
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit import Commit, Role
from lake.log.commit_log import STATE_EVERY, CommitLog
from lake.settings import Compression
from lake.storage.durable_folders import DurableFolders
from lake.storage.local_files import storage_errors
from lake.storage.lock import writer_lock
from lake.storage.object_path import LakePath
from lake.write.batch import Author, Batch, describe
from lake.write.catching_up import catch_up, lost_file
from lake.write.deduplication import Deduplicated, check_replacement, drop_duplicates
from lake.write.publishing import names_needed, publish
from lake.write.replaced_files import drop_staging
from lake.write.staged_batch import StagedBatch, empty_batch_folder, read_staged
from lake.write.store.leftovers import Leftovers, drop_unused, refuse_unconditional

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
    def open(  # noqa: PLR0913  options by keyword, each with a default
        cls,
        layout: LakeLayout,
        *,
        run_id: str,
        role: Role = Role.STREAM,
        compression: Compression = "zstd",
        patience: float = 10.0,
        note: str = "",
    ) -> Iterator[Self]:
        """Lock the lake, finish what a predecessor left unfinished, and unlock it at the end.

        In an object store, no lock is taken: a process that has the role is fenced instead.

        Args:
            layout: the lake.
            run_id: unique to this run of the program.
            role: the role to work in.
            compression: the codec of the files that it writes itself.
            patience: seconds to wait for a process that has the role and is about to end.
            note: what others are to know about this process, beside its pid.

        Raises:
            LakeBusy: Another process has this role.
            LakeDamaged: The commit log or a committed file is missing or unreadable.
            LakeUnwritable: The storage refused a write.
        """
        writer = cls(Author(layout, role, run_id), compression)
        with ExitStack() as held:
            # Not around the yield: errors of the caller's own code are not the storage's errors.
            with storage_errors(layout.platform):
                if layout.is_on_store:
                    writer._take_over()
                else:
                    lock = writer_lock(layout.lock_file(role), patience=patience, note=note)
                    held.enter_context(lock)
                    writer._recover()
                    drop_staging(layout, role)
            yield writer

    def staging_folder(self, batch_number: int) -> LakePath:
        """Return the empty folder for a batch of this run, and drop what lay there before.

        In an object store, files get names of their own instead, and the next run drops these.
        """
        return empty_batch_folder(self._of_this_run, batch_number)

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
            with self._fenced_if_files_are_gone():
                staged = read_staged(batch)
                if not self._layout.is_on_store:
                    # There, a taken number says for one request less that the other role committed.
                    self._catch_up()
                while not self._append(commit := self._described(staged, batch)):
                    self._catch_up()
            publish(self._layout, self._log, commit, self._folders)
            drop_unused(self._layout, staged.trades, commit)
            if not batch.replaced_files and isinstance(batch.folder, Path):
                shutil.rmtree(batch.folder, ignore_errors=True)
            self.state.apply(commit)
            self._save_state(commit.number - 1)
        return commit

    def settle(self) -> int:
        """Finish what the other role left unfinished; return the newest commit's number.

        The files of that commit and of all before are in place, durably.

        Raises:
            WriterFenced: Another writer of this role is at work.
            LakeUnwritable: The storage refused a write.
        """
        with storage_errors(self._layout.platform):
            self._catch_up()
        return self.state.number

    def _append(self, commit: Commit) -> bool:
        """Append a commit once all that it names is durable; False if its number is taken."""
        run = self._of_this_run
        folders = [self._layout.commits, *([run] if commit.published else [])]
        needed = names_needed(self._layout.base, commit, run)
        if not self._log.append(commit, {*needed, *self._folders.parents_to_flush(folders)}):
            return False
        self._folders.remember(folders)
        return True

    @property
    def _of_this_run(self) -> LakePath:
        return self._staging / self._author.run_id

    @contextmanager
    def _fenced_if_files_are_gone(self) -> Iterator[None]:
        """In an object store, raise `WriterFenced` if a later run removed this run's uploads.

        This run may have slept at any moment, also after it found them complete.
        """
        try:
            yield
        except (StagingIncomplete, FileNotFoundError):
            if self._layout.is_on_store:
                self._catch_up()
            raise

    def _described(self, staged: StagedBatch, batch: Batch) -> Commit:
        state, admitted = self.state, self._admitted(staged, batch)
        return describe(batch, admitted, staged.undecodable, state=state, author=self._author)

    def _admitted(self, staged: StagedBatch, batch: Batch) -> list[Deduplicated]:
        if batch.replaced_files:
            return check_replacement(staged.trades, batch.replaced_files)
        state = self.state
        return drop_duplicates(staged.trades, state.landed, self._compression, state.retired)

    def _catch_up(self, *, opening: bool = False) -> None:
        """Apply what the other role committed meanwhile, and finish its newest commit.

        Only the newest commit can be unfinished: every writer runs this before its own commit.

        Args:
            opening: whether this run has not committed yet: earlier runs of its role may have.
        """
        before = self.state.number
        found = catch_up(self._log, self.state, self._author.role, math.inf if opening else before)
        self.state = found.state
        if found.lost_folders:
            self._folders.forget()  # Folders that this process knows were removed.
        if found.newest is not None:
            self._save_state(before)
            self._finish(found.newest)

    def _finish(self, newest: Commit) -> None:
        """Publish what another process may have left undone.

        Its commit is visible but perhaps not durable yet. If a power cut took it after some of its
        files are in place, the same records would be read again and land twice.
        """
        self._folders.flush_names_in([self._layout.commits])
        publish(self._layout, self._log, newest, self._folders)

    def _save_state(self, before: int) -> None:
        """Save the log's checkpoint if the state has passed a multiple of so many commits."""
        if self.state.number // STATE_EVERY > before // STATE_EVERY:
            self._log.save_state(self.state)

    def _recover(self) -> None:
        """Finish the newest commit of either role."""
        self.state = self._log.state()
        newest = self._log.read(self.state.number) if self.state.number else None
        if newest is not None:
            try:
                self._finish(newest)
            except FileNotFoundError as error:
                raise lost_file(newest, error) from error

    def _take_over(self) -> None:
        """Take the role in an object store: fence earlier runs, then remove what they left.

        An empty lake has no topic that the fence could name. Nothing is removed then: an earlier
        run's first commit may be on its way.
        """
        layout, author = self._layout, self._author
        refuse_unconditional(layout, author.role, author.run_id)
        leftovers = Leftovers.listed(layout, author.role, author.run_id)
        self._recover()
        if self.state.source is None:
            return
        nothing = Batch(self.staging_folder(0), 0, 0, trade_files=())
        while not self._append(fence := describe(nothing, [], [], state=self.state, author=author)):
            self._catch_up(opening=True)
        self.state.apply(fence)
        self._save_state(fence.number - 1)
        leftovers.remove(layout, self._log, fence.number)
