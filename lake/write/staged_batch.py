"""A batch's folder under staging, and its files, found complete before its commit names them."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.errors import StagingIncomplete
from lake.storage.inode_groups import spread_subfolders
from lake.storage.local_files import storage_errors
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import size_of
from lake.storage.parallel import in_parallel
from lake.write.batch import Batch
from lake.write.staged_files import StagedFile, read_trade_files, staged_parquet

__all__ = ["StagedBatch", "empty_batch_folder", "read_staged"]


@dataclass(frozen=True)
class StagedBatch:
    """The staged files of a batch, found complete."""

    trades: Sequence[StagedFile]
    undecodable: Sequence[StagedFile]


def empty_batch_folder(run: LakePath, number: int) -> LakePath:
    """Return the folder for a batch of a run; drop what lies there, but nothing in a store.

    Raises:
        LakeUnwritable: The storage refused.
    """
    folder = run / str(number)
    if isinstance(run, Path):
        shutil.rmtree(folder, ignore_errors=True)
        if not run.exists():
            with storage_errors(run):
                run.mkdir(parents=True)
                spread_subfolders(run)
    return folder


def read_staged(batch: Batch) -> StagedBatch:
    """List what was staged of a batch, and check that all of it is there.

    Raises:
        StagingIncomplete: A file is missing or cut short, or the files do not hold as many rows as
            were counted while they were written.
    """
    trades = batch.trade_files
    if trades is None:
        trades = read_trade_files(batch.trades)
    else:
        _refuse_unseen(trades)
    undecodable = batch.undecodable_files
    if undecodable is None:
        # In an object store, looking whether there are any would cost each batch a request.
        none = isinstance(batch.folder, ObjectPath) and not batch.expected_quarantined
        undecodable = [] if none else staged_parquet(batch.quarantine)
    else:
        _refuse_unseen(undecodable)
    _refuse_miscount(batch.trades, trades, batch.expected_trades)
    _refuse_miscount(batch.quarantine, undecodable, batch.expected_quarantined)
    return StagedBatch(trades, undecodable)


def _refuse_unseen(files: Sequence[StagedFile]) -> None:
    in_store = bool(files) and isinstance(files[0].path, ObjectPath)
    sizes = in_parallel(_size, files) if in_store else map(_size, files)
    for file, size in zip(files, sizes, strict=True):
        if size is None:
            raise StagingIncomplete(
                f"{file.path} was written by one of Spark's tasks and is not here; nothing was "
                "committed. BASE_OUTPUT_PATH must be the same storage for the driver and for every "
                "executor."
            )
        if size != file.bytes:
            raise StagingIncomplete(
                f"{file.path} has {size} bytes where {file.bytes} were written; nothing was "
                "committed. Start again: the batch will be read from Kafka again."
            )


def _size(file: StagedFile) -> int | None:
    try:
        return size_of(file.path)
    except FileNotFoundError:
        return None


def _refuse_miscount(folder: LakePath, files: Iterable[StagedFile], expected: int) -> None:
    staged = sum(file.rows for file in files)
    if staged != expected:
        raise StagingIncomplete(
            f"{folder} holds {staged} rows where {expected} were counted; nothing was committed. "
            "Start again: the batch will be read from Kafka again."
        )
