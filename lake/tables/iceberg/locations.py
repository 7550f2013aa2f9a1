"""The table's files by location, as Iceberg names files: `file:///data/…`, `s3://bucket/…`."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from lake.storage.object_path import SCHEMES, LakePath, ObjectPath

__all__ = ["METADATA_FOLDER", "files_in", "is_metadata", "is_same", "to_location", "to_path"]

METADATA_FOLDER: Final = "metadata"
"""The folder, in the table's own folder, of all files that the table consists of."""

_ON_DISK: Final = "file"


def to_location(path: LakePath) -> str:
    """Return the location of a file, as the table names it: no character is escaped.

    Iceberg's own library takes what follows the scheme for the path as it is.
    """
    return str(path) if isinstance(path, ObjectPath) else f"{_ON_DISK}://{path}"


def to_path(location: str) -> LakePath:
    """Return the path of a location."""
    scheme, _, rest = location.partition("://")
    if scheme in SCHEMES:
        return ObjectPath(f"{scheme}:", *rest.split("/"))
    return Path(rest if scheme == _ON_DISK else location)


def is_same(one: str, other: str) -> bool:
    """Return whether two locations are one folder, which on disk may have several names."""
    paths = to_path(one), to_path(other)
    return len({path.resolve() if isinstance(path, Path) else path for path in paths}) == 1


def is_metadata(path: LakePath) -> bool:
    """Return whether a file is the table's own: the lake's are not the table's to remove."""
    return path.parent.name == METADATA_FOLDER


def files_in(location: str) -> Iterator[tuple[LakePath, float]]:
    """Yield the files of the metadata of a table, each with the time when it was written.

    The time is in Unix seconds, by the clock of the storage. Other processes may remove files
    meanwhile.
    """
    folder = to_path(location) / METADATA_FOLDER
    if isinstance(folder, ObjectPath):
        for found in folder.stored():
            yield folder.top / found.key, found.modified.timestamp()
    elif folder.exists():
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                yield path, path.stat().st_mtime
