"""Local copies of objects, for readers that open files by their names.

DuckDB is given copies rather than pyarrow's tables: a verification proves that DuckDB itself can
read what is stored.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.parallel import in_parallel

__all__ = ["local_names"]


@contextmanager
def local_names(paths: Sequence[LakePath]) -> Iterator[list[str]]:
    """Yield the name of a local file for each path, in their order.

    A file of a file system is used as it is. An object is copied to a temporary folder that is
    removed at the end.

    Raises:
        FileNotFoundError: There is no such object. A file that is missing is noticed by its reader.
        StoreRefused: The store refused or did not answer.
    """
    objects = [path for path in paths if isinstance(path, ObjectPath)]
    if not objects:
        yield [str(path) for path in paths]
        return
    with tempfile.TemporaryDirectory(prefix="kraken-lake-") as folder:
        copies: dict[LakePath, Path] = {}
        for path, content in zip(objects, in_parallel(ObjectPath.read_bytes, objects), strict=True):
            copies[path] = Path(folder, f"{len(copies)}.parquet")
            copies[path].write_bytes(content)
        yield [str(copies[path] if isinstance(path, ObjectPath) else path) for path in paths]
