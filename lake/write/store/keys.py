"""Where the files of a batch are written before its commit.

On a file system all are under the batch's own folder, and its commit has them linked into place.

In an object store a file is uploaded once, to the key where it stays, and the commit names that
very key. Other programs' files are there too, so the key holds the role, the run and the batch: an
upload that no commit names can be found later, and belongs to nobody once its run is fenced. Only
compaction uploads to staging: its objects have a copy made after the commit.
"""

from lake.storage.object_path import LakePath, ObjectPath

__all__ = ["author_mark", "deduplicated", "quarantine_folder", "trade_file"]


def author_mark(role: str, run_id: str) -> str:
    """Return how the names of a run's uploads begin: `stream-RUN-`."""
    return f"{role}-{run_id}-"


def trade_file(batch_folder: LakePath, partition: str, name: str) -> LakePath:
    """Return the file that a task writes trades of one partition to.

    Args:
        batch_folder: what `LakeWriter.staging_folder` returned.
        partition: the partition folders: `year=2026/…/symbol=BTC_USD`.
        name: unique within the batch, without a suffix.
    """
    if isinstance(batch_folder, ObjectPath):
        platform, prefix = _platform_and_prefix(batch_folder)
        return platform / "live" / partition / f"{prefix}-{name}.parquet"
    return batch_folder / "trades" / f"{name}.parquet"


def deduplicated(path: LakePath) -> LakePath:
    """Return where the copy of a staged file without the trades that have landed is written.

    In an object store the copy is not renamed later: readers know it by its suffix.
    """
    return path.with_suffix(".admitted.parquet" if isinstance(path, ObjectPath) else ".admitted")


def quarantine_folder(batch_folder: LakePath) -> LakePath:
    """Return the folder that a batch's undecodable records are written to.

    Args:
        batch_folder: what `LakeWriter.staging_folder` returned.
    """
    if isinstance(batch_folder, ObjectPath):
        platform, prefix = _platform_and_prefix(batch_folder)
        return platform / "quarantine" / prefix
    return batch_folder / "quarantine"


def _platform_and_prefix(batch_folder: ObjectPath) -> tuple[ObjectPath, str]:
    """Split `…/_platform/KRAKEN/staging/ROLE/RUN/BATCH`."""
    role, run_id, number = batch_folder.parts[-3:]
    return batch_folder.parents[3], f"{author_mark(role, run_id)}{number}"
