"""Object stores in memory that several processes share, each of which can be killed or frozen."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from obstore.store import MemoryStore

import lake.storage.object_client
import lake.storage.parallel
from lake.layout import LakeLayout
from lake.storage.object_client import ObjectClient
from lake.storage.object_path import ObjectPath

__all__ = ["Killed", "Process", "Request", "Stores"]


class Killed(BaseException):
    """Stands for the process ending between two requests."""


@dataclass(frozen=True)
class Request:
    """A request that a process sent.

    Attributes:
        kind: get, head, put, create, copy, delete or list.
        key: the key, or the folder that is listed.
    """

    kind: str
    key: str

    @property
    def writes(self) -> bool:
        """Whether it changes anything: nobody can tell whether one is killed between two others."""
        return self.kind not in {"get", "head", "list"}


@dataclass
class Process:
    """The requests of one process, in place of the library's store.

    Attributes:
        requests: those that it sent.
        kill_after: how many writing requests it sends before it is killed; None for all.
        before_each: called before each request.
        before_write: called before each that writes.
        faults: errors that requests of some kind get instead of an answer, in turn.
        conditional: whether the store honours the condition of a conditional write.
    """

    store: MemoryStore
    requests: list[Request] = field(default_factory=list)
    kill_after: int | None = None
    before_each: Callable[[Request], None] = lambda _: None
    before_write: Callable[[Request], None] = lambda _: None
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    conditional: bool = True
    is_dead: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def writes(self) -> int:
        """How many of the requests write."""
        return sum(request.writes for request in self.requests)

    def get(self, key: str, *, options: Any = None) -> Any:
        """Read."""
        return self._send(Request("get", key), lambda: self.store.get(key, options=options))

    def head(self, key: str) -> Any:
        """Ask about an object."""
        return self._send(Request("head", key), lambda: self.store.head(key))

    def put(self, key: str, content: Any, *, mode: str = "overwrite", **_: Any) -> Any:
        """Write, perhaps on a condition."""
        kind = "create" if mode == "create" else "put"
        as_asked = mode if self.conditional else "overwrite"
        return self._send(
            Request(kind, key),
            lambda: self.store.put(key, bytes(content), mode=as_asked),  # type: ignore[arg-type]
        )

    def copy(self, source: str, target: str) -> None:
        """Copy."""
        self._send(Request("copy", target), lambda: self.store.copy(source, target))

    def delete(self, keys: Sequence[str]) -> None:
        """Remove those that are there."""

        def remove() -> None:
            for key in keys:
                with suppress(FileNotFoundError):
                    self.store.delete(key)

        self._send(Request("delete", keys[0]), remove)

    def list(self, folder: str | None, *, offset: str | None, **_: Any) -> Iterator[Any]:
        """List, in one piece."""
        request = Request("list", folder or "")
        yield from self._send(request, lambda: [self.store.list(folder, offset=offset).collect()])

    def _send(self, request: Request, carry_out: Callable[[], Any]) -> Any:
        with self._lock:
            self.before_each(request)
            if request.writes:
                self.before_write(request)
            over = self.kill_after is not None and self.writes + request.writes > self.kill_after
            if over or self.is_dead:
                self.is_dead = True  # Nothing is sent any more, not even by a `finally`.
                raise Killed
            self.requests.append(request)
            if faults := self.faults.get(request.kind):
                raise faults.pop(0)
            return carry_out()


class Stores:
    """One bucket in memory, which each process reaches by a name of its own.

    A lake's paths in the commit log are relative, so it does not matter that the processes have
    different addresses for it.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.store = MemoryStore()
        self._patch = patch
        self._clients: dict[str, ObjectClient] = {}
        patch.setattr(lake.storage.object_path, "client_for", self._clients.__getitem__)
        patch.setattr(lake.storage.object_client.time, "sleep", lambda _: None)
        # Threads cost more than they gain where a request takes no time.
        patch.setattr(lake.storage.parallel, "_AT_ONCE", 1)

    def process(self, **settings: Any) -> tuple[LakeLayout, Process]:
        """A process, and the lake as it sees it."""
        name = f"s3://of-process-{len(self._clients)}"
        process = Process(self.store, **settings)
        self._clients[name] = ObjectClient(process, name)  # type: ignore[arg-type]
        return LakeLayout(ObjectPath("s3:", name.removeprefix("s3://"), "lake"), "KRAKEN"), process

    def keys(self, folder: str = "") -> list[str]:
        """The keys below a folder of the lake."""
        found = self.store.list(f"lake/{folder}".rstrip("/")).collect()
        return [one["path"].removeprefix("lake/") for one in found]
