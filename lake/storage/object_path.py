"""The address of an object, with the methods of `pathlib.Path` that the lake uses."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from lake.errors import StoreUnsupported
from lake.storage.object_client import ObjectClient, StoredObject, client_for

__all__ = ["SCHEMES", "LakePath", "ObjectPath", "lake_path", "on_disk"]

SCHEMES = ("s3", "gs", "az")
"""The stores that an address may name. Tests run on S3 servers only."""


class ObjectPath(PurePosixPath):
    """The address of one object, or of all objects below a folder: `s3://bucket/lake/KRAKEN`.

    It computes names as any path of Python does, without a request, and can be pickled: a client
    is opened in each process that sends a request, when it sends the first. A store has no folders,
    so nothing has to be created before an object is written into one.
    """

    __slots__ = ()

    def __str__(self) -> str:
        # PurePosixPath reads `s3://bucket` as `s3:/bucket`.
        text = super().__str__()
        scheme, colon, rest = text.partition(":/")
        return f"{scheme}://{rest}" if colon and scheme in SCHEMES else text

    @property
    def bucket(self) -> str:
        """The bucket's address: `s3://bucket`."""
        return f"{self.parts[0]}//{self.parts[1]}"

    @property
    def key(self) -> str:
        """The object's key in the bucket."""
        return "/".join(self.parts[2:])

    @property
    def client(self) -> ObjectClient:
        """This process's client of the bucket."""
        return client_for(self.bucket)

    def exists(self) -> bool:
        """Return whether there is an object with this key, or below it, as in a folder."""
        return self.found() is not None or next(self.below(), None) is not None

    def found(self) -> StoredObject | None:
        """Ask for size, tag and time of the object; None if there is none."""
        try:
            return self.client.head(self.key)
        except FileNotFoundError:
            return None

    def read_bytes(self) -> bytes:
        """Read the object.

        Raises:
            FileNotFoundError: There is none.
            StoreRefused: The store refused or did not answer.
        """
        return self.client.get(self.key)

    def write_bytes(self, content: bytes | memoryview) -> int:
        """Write the object, whole or not at all, over what was there; return its size."""
        self.client.put(self.key, content)
        return len(content)

    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: a store has no folders."""

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: There is none, and `missing_ok` is false.
        """
        if not missing_ok:
            self.client.head(self.key)
        self.client.delete([self.key])

    def below(self, *, after: str = "") -> Iterator["ObjectPath"]:
        """List the objects below this folder, in the order of their keys.

        Args:
            after: leave out those up to this name, relative to the folder.
        """
        for found in self.stored(after=after):
            yield self.top / found.key

    def stored(self, *, after: str = "") -> Iterator[StoredObject]:
        """List the objects as `below`, with what the store says of each."""
        return self.client.list(self.key, f"{self.key}/{after}" if after else "")

    @property
    def top(self) -> "ObjectPath":
        """The bucket as a path."""
        return type(self)(*self.parts[:2])


LakePath: TypeAlias = Path | ObjectPath
"""A place on a local or NFS file system, or in an object store."""


def lake_path(text: str | LakePath) -> LakePath:
    """Return a place by its name: `data`, `/srv/lake`, `s3://bucket/lake`.

    Raises:
        ValueError: It is an address of another kind, or names no bucket.
    """
    if not isinstance(text, str):
        return text
    scheme, is_address, rest = text.partition("://")
    if not is_address:
        return Path(text)
    if scheme not in SCHEMES:
        raise ValueError(
            f"{text} is no folder, and no address of a store: these begin with "
            f"{', '.join(f'{one}://' for one in SCHEMES)}"
        )
    if not rest.strip("/") or rest.startswith("/"):
        raise ValueError(f"{text} names no bucket: s3://BUCKET/FOLDER")
    if any(mark in rest for mark in "?#@*\\"):
        raise ValueError(
            f"{text} is no address of a bucket: s3://BUCKET/FOLDER. Keys and endpoint are set by "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL"
        )
    return ObjectPath(f"{scheme}:", *(part for part in rest.split("/") if part not in {"", "."}))


def on_disk(path: LakePath, what: str) -> Path:
    """Return a path of a file system.

    Args:
        path: the path.
        what: what needs it, as the beginning of a sentence: `kraken-lake reread`.

    Raises:
        StoreUnsupported: It is in an object store.
    """
    if isinstance(path, ObjectPath):
        raise StoreUnsupported(
            f"{what} works on a local or NFS file system only, and {path} is in an object store."
        )
    return path
