"""How PyIceberg reads and writes the table's own files: metadata, manifests and their lists.

PyIceberg's own ways do not flush. After a power cut the catalog could then name metadata that is
not on the disk.
"""

from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from pyiceberg.io import FileIO as IcebergFileIO
from pyiceberg.io import InputFile, InputStream, OutputFile, OutputStream

from lake.storage.local_files import flush
from lake.storage.object_path import on_disk
from lake.tables.iceberg.locations import is_metadata, to_path

__all__ = ["LocalFiles"]


class LocalFiles(IcebergFileIO):
    """Files on a local or NFS file system, durable once they are closed.

    It removes files of a table's metadata only. The lake's own files are not the table's to remove.
    """

    def new_input(self, location: str) -> InputFile:
        """Return a file to read."""
        return _LocalInput(location)

    def new_output(self, location: str) -> OutputFile:
        """Return a file to write."""
        return _LocalOutput(location)

    def delete(self, location: "str | InputFile | OutputFile") -> None:
        """Remove a file of the table's metadata.

        Raises:
            PermissionError: It is none.
            FileNotFoundError: There is no such file.
        """
        path = _local(location if isinstance(location, str) else location.location)
        if not is_metadata(path):
            raise PermissionError(f"{path} is a file of the lake, which no table may remove")
        path.unlink()


class _LocalInput(InputFile):
    def __len__(self) -> int:
        return _local(self.location).stat().st_size

    def exists(self) -> bool:
        return _local(self.location).exists()

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002, FBT001, FBT002 - PyIceberg's
        return _local(self.location).open("rb")


class _LocalOutput(OutputFile):
    def __len__(self) -> int:
        return _local(self.location).stat().st_size

    def exists(self) -> bool:
        return _local(self.location).exists()

    def to_input_file(self) -> InputFile:
        return _LocalInput(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: FBT001, FBT002 - PyIceberg's
        path = _local(self.location)
        path.parent.mkdir(parents=True, exist_ok=True)
        return _DurableStream(path, "w" if overwrite else "x")


class _DurableStream:
    """A file whose content and name are durable once it is closed."""

    def __init__(self, path: Path, mode: str) -> None:
        self._path = path
        self._file = FileIO(path, mode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exctype: type[BaseException] | None,
        excinst: BaseException | None,
        exctb: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, b: bytes) -> int:
        left = memoryview(b)
        while left:
            left = left[self._file.write(left) :]
        return len(b)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if self._file.closed:
            return
        self._file.close()
        flush([self._path, self._path.parent])


def _local(location: str) -> Path:
    return on_disk(to_path(location), "A table on disk")
