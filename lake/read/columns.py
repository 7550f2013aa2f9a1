"""The columns of a lake: the union over all its files."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.log.snapshot import files
from lake.settings import LakeSettings
from lake.storage.object_path import lake_path
from lake.storage.operations import parquet_source

__all__ = ["schema"]

_ATTEMPTS: Final = 5
_AT_ONCE: Final = 8
"""Footers that are read in parallel."""


def schema(layout: LakeLayout | None = None, at: int | None = None) -> "pa.Schema":
    """Return the union of the columns of the lake's files, without those that the folders name.

    For readers that must know the columns beforehand: `polars.Schema(lake.schema())`. No single
    file is enough: a file that landed before a column was added lacks it, and compaction gives the
    newest name to old rows.

    Args:
        layout: the lake; by default the one that the settings name.
        at: the commit to look at; None for the newest whose files are in place.

    Returns:
        The columns of the file with the most columns, in its order, then those that other files
        add; none for a lake without a file.

    Raises:
        LakeMissing, SnapshotGone, LakeDamaged: As `lake.files`.
        LakeBusy: Compaction replaced files during every attempt.
        OSError, pyarrow.ArrowException: A file cannot be read.
    """
    of = LakeSettings().layout if layout is None else layout
    for _ in range(_ATTEMPTS):
        try:
            return _union(files(of, at))
        except FileNotFoundError:
            continue  # Compacted since it was listed.
    raise LakeBusy(
        f"files of {of.trades} were replaced by compaction while they were read. Try again."
    )


def _union(paths: Iterable[str]) -> "pa.Schema":
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict.fromkeys(pool.map(_footer, paths))
    widest_first = sorted(found, key=len, reverse=True)
    return pa.unify_schemas(widest_first, promote_options="permissive") if found else pa.schema([])


def _footer(path: str) -> "pa.Schema":
    return pq.read_schema(parquet_source(lake_path(path))).remove_metadata()
