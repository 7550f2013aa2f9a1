"""The files of a Delta table, as its log describes them."""

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from lake.layout import LakeLayout
from lake.storage.object_path import on_disk
from lake.tables.delta.actions import to_path
from lake.tables.table import TableFile

__all__ = ["to_table_files"]


def to_table_files(layout: LakeLayout, files: pa.Table) -> Mapping[str, TableFile]:
    """Return the files of one lake by path, from the rows of a checkpoint.

    Only files of other lakes that share the table are left out. A file in no lake's folder is
    listed, so that it is found to be wrong.
    """
    others = {
        f"{folder.name}/"
        for folder in (on_disk(layout.base, "A Delta table") / "_platform").glob("*/")
        if folder.name != layout.exchange
    }
    found = {}
    columns = ("path", "size", "stats", "partitionValues")
    for url, size, stats, partition in zip(
        *(files.column(name).to_pylist() for name in columns), strict=True
    ):
        path = to_path(url)
        if not any(path.startswith(other) for other in others):
            found[path] = TableFile(bytes=size, rows=_rows(stats), partition=dict(partition or ()))
    return found


def _rows(stats: str | None) -> int | None:
    try:
        parsed: Any = json.loads(stats or "{}")
    except ValueError:
        return None
    return parsed.get("numRecords") if isinstance(parsed, dict) else None
