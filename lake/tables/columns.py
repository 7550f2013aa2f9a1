"""The columns of the files that join a table."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeDamaged
from lake.log.commit import DataFile
from lake.storage.object_path import LakePath
from lake.storage.operations import footer_source

__all__ = ["columns_of"]

_AT_ONCE: Final = 8
"""Footers that are read in parallel."""
_FEW: Final = 8


def columns_of(base: LakePath, groups: Sequence[Sequence[DataFile]]) -> "pa.Schema":
    """Return the union of the columns of files.

    A file that is gone was merged meanwhile. Its columns are then those of a file that joins the
    table later.

    Args:
        base: BASE_OUTPUT_PATH.
        groups: of each group, one file is read.

    Raises:
        LakeDamaged: A file is no Parquet, or a column has types that cannot be unified.
    """
    if len(groups) <= _FEW:
        return _union(_first_there(base, group) for group in groups)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return _union(pool.map(lambda group: _first_there(base, group), groups))


def _first_there(base: LakePath, files: Sequence[DataFile]) -> "pa.Schema | None":
    for file in files:
        try:
            return pq.read_schema(footer_source(base / file.path, file.bytes)).remove_metadata()
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowException) as error:
            raise LakeDamaged(
                f"{file.path} cannot be read ({error}). `kraken-lake verify` names all such files; "
                "the table is left as it is."
            ) from error
    return None


def _union(found: "Iterable[pa.Schema | None]") -> "pa.Schema":
    each = dict.fromkeys(schema for schema in found if schema is not None)
    widest_first = sorted(each, key=len, reverse=True)
    if not widest_first:
        return pa.schema([])
    try:
        return pa.unify_schemas(widest_first, promote_options="permissive")
    except pa.ArrowException as error:
        raise LakeDamaged(
            f"a column has types that cannot be unified ({error}); the table is left as it is."
        ) from error
