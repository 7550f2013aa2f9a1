"""The files of a Delta table, as its log describes them."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from lake.layout import LakeLayout
from lake.tables.delta.actions import to_path
from lake.tables.table import TableFile

__all__ = ["to_table_files"]


def to_table_files(layout: LakeLayout, files: pa.Table) -> Mapping[str, TableFile]:
    """Return the files of one lake by path, from the rows of a checkpoint.

    Only files of other lakes that share the table are left out. A file in no lake's folder is
    listed, so that it is found to be wrong.
    """

    @cache
    def is_another_lake(name: str) -> bool:
        is_name = name not in {"", ".", "..", layout.exchange}
        return is_name and (layout.base / "_platform" / name).exists()

    found = {}
    columns = ("path", "size", "stats", "partitionValues")
    for url, size, stats, partition in zip(
        *(files.column(name).to_pylist() for name in columns), strict=True
    ):
        path = to_path(url)
        if not is_another_lake(_exchange_of(path)):
            found[path] = TableFile(bytes=size, rows=_rows(stats), partition=dict(partition or ()))
    return found


def _exchange_of(path: str) -> str:
    """Return whose file it is by its folder: `KRAKEN/…`, `_platform/KRAKEN/live/…`."""
    return path.removeprefix("_platform/").partition("/")[0]


def _rows(stats: str | None) -> int | None:
    try:
        parsed: Any = json.loads(stats or "{}")
    except ValueError:
        return None
    return parsed.get("numRecords") if isinstance(parsed, dict) else None
