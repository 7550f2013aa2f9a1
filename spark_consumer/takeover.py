"""Hands the lake from a running stream to the next one without a pause of seconds.

The next stream starts Spark and decodes some records while the running one still lands trades.
Then it locks a file of its own and waits for the lake. The running stream looks for that lock, ends
after its batch and gives the lake back. If the next stream is killed while it waits, its lock is
gone, and a running stream that has not seen it goes on.

An object store has no locks. There the next stream takes the lake with its first commit, after
which no earlier stream can commit. The earlier one finds that commit in the log, and ends.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from lake.errors import LakeBusy, LakeError
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.settings import LakeSettings
from lake.storage.lock import is_locked, lock_holder, writer_lock
from lake.write.writer import LakeWriter
from runtime.deadline import Deadline

__all__ = ["ending_for_the_next", "note_of", "outlasted_by", "taking_over"]

log = structlog.get_logger(__name__)

_LOOK_EVERY: Final = 0.1
_READ_EVERY: Final = 5.0
"""Seconds between two looks into the log on a store, where each look is a request."""
_GIVEN_BACK_WITHIN: Final = 180.0
"""Seconds to wait for the running stream: its batch may have a million records, or be waiting for
the registry."""


def note_of(until: datetime | None) -> str:
    """Return what a stream says about itself in the lake's lock: the time at which it ends."""
    return f"until {until.astimezone(UTC).isoformat()}" if until else ""


def outlasted_by(layout: LakeLayout, until: datetime | None) -> str | None:
    """Return the running stream, by its own words, if it runs as long as a stream until this time.

    Taking over from it would only leave a pause at the end. This happens to a scheduler's task that
    is tried again when the next one has begun.

    Args:
        layout: the lake.
        until: when the successor ends; None if it runs on.
    """
    if layout.is_on_store:
        return None  # Nobody can say who runs there.
    holder = lock_holder(layout.lock_file(Role.STREAM))
    if holder is None or until is None:
        return None
    found = re.search(r"until (\S+)", holder)
    return holder if found is None or datetime.fromisoformat(found[1]) >= until else None


@contextmanager
def ending_for_the_next(
    layout: LakeLayout, stopping: threading.Event, run_id: str, newest: int
) -> Iterator[None]:
    """Set `stopping` when another stream takes the lake or asks for it while the block runs.

    Args:
        layout: the lake.
        stopping: the event.
        run_id: this run of the stream.
        newest: the newest commit that this run knows.
    """
    over = threading.Event()
    is_asked: Callable[[], bool] = partial(is_locked, layout.takeover_file(Role.STREAM))
    every = _LOOK_EVERY
    if layout.is_on_store:
        is_asked, every = _Successors(CommitLog(layout.commits), run_id, newest), _READ_EVERY

    def look() -> None:
        while not over.wait(every):
            if is_asked():
                log.info("ending after this batch: another stream takes over")
                stopping.set()
                return

    thread = threading.Thread(target=look, name="takeover", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Successors:
    """Reads the commit log on, and returns whether a later stream has written to it."""

    def __init__(self, commits: CommitLog, run_id: str, newest: int) -> None:
        self._log = commits
        self._run_id = run_id
        self._newest = newest

    def __call__(self) -> bool:
        # The file of a commit that was folded meanwhile is gone: then this finds nothing any more,
        # and the stream's own next commit fails if another one has taken the lake.
        try:
            while (commit := self._log.read(self._newest + 1)) is not None:
                self._newest = commit.number
                if commit.role is Role.STREAM and commit.run_id != self._run_id:
                    return True
        except LakeError as error:
            log.debug("the commit log was not read", reason=str(error))
        return False


@contextmanager
def taking_over(
    lake: LakeSettings, run_id: str, stopping: threading.Event, note: str = ""
) -> Iterator[LakeWriter]:
    """Ask a running stream for the lake, and open it as soon as it is given back.

    On an object store it is opened at once: that ends the running stream.

    Args:
        lake: the lake.
        run_id: unique to this run of the program.
        stopping: set when this stream itself is to end.
        note: as for `LakeWriter.open`.

    Raises:
        LakeBusy: The running stream did not end in time, or another one waits for it already.
        LakeError: As `LakeWriter.open`.
    """
    if lake.layout.is_on_store:
        with LakeWriter.open(
            lake.layout, run_id=run_id, compression=lake.parquet_compression, note=note
        ) as writer:
            yield writer
        return
    with ExitStack() as held:
        # The running stream looks at this lock, and may hold it for that moment.
        with writer_lock(lake.layout.takeover_file(Role.STREAM), patience=2.0):
            writer = held.enter_context(_given_back(lake, run_id, stopping, note))
        yield writer


@contextmanager
def _given_back(
    lake: LakeSettings, run_id: str, stopping: threading.Event, note: str
) -> Iterator[LakeWriter]:
    deadline = Deadline(_GIVEN_BACK_WITHIN)
    with ExitStack() as held:
        while True:
            opened = LakeWriter.open(
                lake.layout,
                run_id=run_id,
                compression=lake.parquet_compression,
                patience=1.0,
                note=note,
            )
            try:
                writer = held.enter_context(opened)
                break
            except LakeBusy:
                if stopping.is_set() or deadline.passed:
                    raise
        yield writer
