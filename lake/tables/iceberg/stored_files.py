"""How PyIceberg reads and writes the table's own files in an object store.

By the lake's own client, so that endpoint, region and credentials are the lake's, and no other
library for stores is needed. An object is whole or not there, and what is acknowledged is durable.
"""

import errno
from io import BytesIO
from types import TracebackType
from typing import Self

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from lake.storage.object_path import ObjectPath
from lake.storage.operations import size_of
from lake.tables.iceberg.locations import is_metadata, to_path

__all__ = ["StoredFiles"]


class StoredFiles(FileIO):
    """Objects of the store that the lake is in.

    It removes objects of a table's metadata only. The lake's own are not the table's to remove.
    """

    def new_input(self, location: str) -> InputFile:
        """Return an object to read."""
        return _StoredInput(location)

    def new_output(self, location: str) -> OutputFile:
        """Return an object to write."""
        return _StoredOutput(location)

    def delete(self, location: "str | InputFile | OutputFile") -> None:
        """Remove an object of the table's metadata; one that is not there is no error.

        Raises:
            PermissionError: It is none.
            StoreRefused: The store refused or did not answer.
        """
        path = _stored(location if isinstance(location, str) else location.location)
        if not is_metadata(path):
            raise PermissionError(f"{path} is an object of the lake, which no table may remove")
        path.unlink(missing_ok=True)


class _StoredInput(InputFile):
    def __len__(self) -> int:
        return size_of(_stored(self.location))

    def exists(self) -> bool:
        return _stored(self.location).found() is not None

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002, FBT001, FBT002 - PyIceberg's
        return BytesIO(_stored(self.location).read_bytes())


class _StoredOutput(OutputFile):
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self._stream: _WholeObject | None = None

    def __len__(self) -> int:
        # PyIceberg asks for the size of each manifest that it has just written.
        if self._stream is not None:
            return self._stream.tell()
        return size_of(_stored(self.location))

    def exists(self) -> bool:
        return _stored(self.location).found() is not None

    def to_input_file(self) -> InputFile:
        return _StoredInput(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: FBT001, FBT002 - PyIceberg's
        self._stream = _WholeObject(_stored(self.location), overwrite=overwrite)
        return self._stream


class _WholeObject:
    """An object that is written once it is closed, and not at all if its content failed."""

    def __init__(self, path: ObjectPath, *, overwrite: bool) -> None:
        self._path = path
        self._overwrite = overwrite
        self._content = bytearray()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exctype: type[BaseException] | None,
        excinst: BaseException | None,
        exctb: TracebackType | None,
    ) -> None:
        self._is_closed = self._is_closed or exctype is not None
        self.close()

    def write(self, b: bytes) -> int:
        self._content += b
        return len(b)

    def tell(self) -> int:
        return len(self._content)

    def close(self) -> None:
        """Write the object.

        Raises:
            FileExistsError: There is one, and it was not to be overwritten.
            StoreRefused: The store refused or did not answer.
        """
        if self._is_closed:
            return
        self._is_closed = True
        content = bytes(self._content)
        if self._overwrite:
            self._path.write_bytes(content)
        elif not self._path.client.create(self._path.key, content):
            raise FileExistsError(errno.EEXIST, "the object is there", str(self._path))


def _stored(location: str) -> ObjectPath:
    path = to_path(location)
    if not isinstance(path, ObjectPath):
        raise FileNotFoundError(errno.ENOENT, "this is in no object store", location)
    return path
