"""The requests to an object store that the lake is made of.

Each is whole or has not happened: a reader never sees half of an object. A request whose answer is
lost may have been carried out all the same. All of them can be repeated, and so can `create`, since
it recognizes its own content.

The library starts threads, which do not survive a fork. So it is imported with the first request of
a process, and each process has clients of its own.
"""

import errno
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lake.errors import StoreRefused
from lake.storage.store_errors import contradiction, is_missing_bucket, refusal
from lake.storage.store_settings import RETRIES, store_options

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["ObjectClient", "StoredObject", "client_for", "open_store"]

_ATTEMPTS: Final = 3
"""How often a conditional write is sent whose outcome stays unknown."""
_PAUSE: Final = 0.2
"""Seconds before it is sent again; doubled each time."""
_MULTIPART_FROM: Final = 64 << 20
"""Larger objects are uploaded in parts. A store shows the object once all parts are there."""
_PAGE: Final[Any] = {"Content-Type": "text/html; charset=utf-8"}
"""A browser shows an object only if the store calls it a page; else it saves it."""


@dataclass(frozen=True)
class StoredObject:
    """What a store says of an object.

    Attributes:
        key: its key in the bucket.
        bytes: its size.
        tag: changes with its content.
        modified: when it was written, by the store's clock.
    """

    key: str
    bytes: int
    tag: str
    modified: datetime


class ObjectClient:
    """The requests to one bucket. Several threads may use it.

    Args:
        store: the library's store.
        bucket: the bucket's address, for messages: `s3://bucket`.
    """

    def __init__(self, store: "ObjectStore", bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def get(self, key: str, start: int = 0) -> bytes:
        """Read an object, from a byte of it on.

        Raises:
            FileNotFoundError: There is none.
            StoreRefused: The store refused or did not answer.
        """
        with self._answered("read", key):
            options: Any = {"range": {"offset": start}} if start else None
            return self._store.get(key, options=options).bytes().to_bytes()

    def head(self, key: str) -> StoredObject:
        """Ask about an object.

        Raises:
            FileNotFoundError: There is none.
            StoreRefused: The store refused or did not answer.
        """
        with self._answered("look for", key):
            return _described(self._store.head(key))

    def put(self, key: str, content: bytes | memoryview) -> None:
        """Write an object over what was there.

        Raises:
            StoreRefused: The store refused or did not answer.
        """
        with self._answered("write", key):
            # The library takes only buffers of unsigned bytes, which those of Arrow are not.
            unsigned = memoryview(content).cast("B")
            in_parts = len(content) > _MULTIPART_FROM
            page = _PAGE if key.endswith(".html") else None
            self._store.put(key, unsigned, use_multipart=in_parts, attributes=page)

    def create(self, key: str, content: bytes) -> bool:
        """Write an object if its key is free; return False if it is taken.

        If an answer was lost, the library asks again and is told that the key is taken, by this
        very content. So the content has to be unique to the caller.

        Raises:
            StoreRefused: The store refused, or it is not known whether the object was written.
        """
        pause, failure = _PAUSE, contradiction(f"{self._bucket}/{key}")
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(pause)
                pause *= 2
            try:
                with self._answered("write", key):
                    self._store.put(key, content, mode="create", use_multipart=False)
            except FileExistsError:
                try:
                    return self.get(key) == content
                except FileNotFoundError:
                    continue  # 409: another writer was at it, and failed.
            except StoreRefused as error:
                if not error.may_have_happened:
                    raise
                failure = error
            else:
                return True
        raise failure

    def copy(self, source: str, target: str) -> None:
        """Copy an object inside the store.

        Raises:
            FileNotFoundError: There is no such source.
            StoreRefused: The store refused or did not answer.
        """
        with self._answered("copy", source):
            self._store.copy(source, target)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; those that are not there are no error.

        Raises:
            StoreRefused: The store refused or did not answer.
        """
        listed = list(keys)
        if listed:
            try:
                with self._answered("remove", listed[0]):
                    self._store.delete(listed)
            except FileNotFoundError:
                # Some stores and some libraries say so; the others still have to go.
                for key in listed if len(listed) > 1 else ():
                    self.delete([key])

    def list(self, folder: str, after: str = "") -> Iterator[StoredObject]:
        """Yield the objects below a folder in the order of their keys, those after one of them.

        Raises:
            StoreRefused: The store refused or did not answer.
        """
        with self._answered("list", folder):
            for some in self._store.list(folder or None, offset=after or None, chunk_size=1_000):
                yield from map(_described, some)

    @contextmanager
    def _answered(self, doing: str, key: str) -> Iterator[None]:
        """Convert the library's errors to Python's and ours."""
        from obstore.exceptions import (  # noqa: PLC0415 - imported by the process that uses it
            AlreadyExistsError,
            BaseError,
            PreconditionError,
        )

        where = f"{self._bucket}/{key}"
        try:
            yield
        except (AlreadyExistsError, PreconditionError) as error:
            raise FileExistsError(errno.EEXIST, "the key is taken", where) from error
        except FileNotFoundError as error:
            if is_missing_bucket(str(error)) or doing in {"write", "list"}:
                raise refusal(doing, where, f"{_said(error)} NoSuchBucket") from error
            raise FileNotFoundError(errno.ENOENT, "no such object", where) from error
        except (BaseError, OSError) as error:
            raise refusal(doing, where, _said(error)) from error


def client_for(bucket: str) -> ObjectClient:
    """Return this process's client of a bucket, which is opened at the first call.

    Raises:
        StoreRefused: The settings of the store are not usable.
    """
    known = (os.getpid(), bucket)
    if known not in _CLIENTS:
        _CLIENTS[known] = ObjectClient(open_store(bucket), bucket)
    return _CLIENTS[known]


def open_store(bucket: str) -> "ObjectStore":
    """Open the library's store for a bucket's address; no request is sent.

    Raises:
        StoreRefused: The settings of the store are not usable, or the library is missing.
    """
    try:
        from obstore.store import from_url  # noqa: PLC0415 - imported by the process that uses it
    except ImportError as error:
        raise StoreRefused(
            f"{bucket} is an object store, and the library for these is missing: install "
            "kraken-lake[lake]."
        ) from error
    options = store_options(bucket, os.environ)
    try:
        store: ObjectStore = from_url(
            bucket,
            config=options.config,  # type: ignore[call-overload]  # one of three kinds
            client_options=options.client,
            retry_config=RETRIES,
        )
    except Exception as error:  # the library has no common class for these
        raise refusal("open", bucket, _said(error)) from error
    return store


_CLIENTS: dict[tuple[int, str], ObjectClient] = {}


def _said(error: Exception) -> str:
    """Return the kind and the text of the library's error, without its dump of Rust's values."""
    return f"{type(error).__name__}: {str(error).partition('Debug source:')[0].strip()}"


def _described(meta: Any) -> StoredObject:  # noqa: ANN401 - the library's dictionary
    return StoredObject(
        key=meta["path"],
        bytes=meta["size"],
        tag=meta["e_tag"] or "",
        modified=meta["last_modified"],
    )
