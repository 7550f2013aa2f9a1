"""Records what a program does to the files below a folder, as operations of `disk`.

Python's calls are recorded as they are made. What is written past them, by Arrow, is found by
looking at the folder before the next call. A name that goes unrecorded is an error.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import lake.storage.atomic_swap
import lake.storage.local_files
from tests.unit.lake.crash.disk import ROOT, Content, Naming, Operation, Sync, SyncAll

__all__ = ["Recorder"]

_CALLS = ("fsync", "link", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")


class Recorder:
    """The operations below one folder, in their order, and what was acknowledged between them.

    Attributes:
        operations: what was done.
        acknowledged: after how many operations each commit was acknowledged.
    """

    def __init__(self, root: Path) -> None:
        self.operations: list[Operation] = []
        self.acknowledged: list[int] = []
        self._root = str(root)
        self._nodes: dict[str, int] = {self._root: ROOT}
        self._seen: dict[int, tuple[int, int]] = {}
        self._lock = threading.RLock()
        self._counter = ROOT

    def acknowledge(self) -> None:
        """A commit has returned."""
        self._look()
        self.acknowledged.append(len(self.operations))

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record all calls in the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in _CALLS:
                patch.setattr(os, name, self._recorded(name, getattr(os, name)))
            patch.setattr(
                lake.storage.atomic_swap,
                "_exchange",
                self._recorded("exchange", lake.storage.atomic_swap._exchange),
            )
            patch.setattr(
                lake.storage.local_files, "sync_file_systems", self._recorded("syncfs", _offered)
            )
            yield
        self._look()

    def _recorded(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                paths = [
                    _path(arg, kwargs.get("dir_fd")) for arg in args[:2] if _is_path(arg, kind)
                ]
                if not all(
                    path.startswith(self._root + "/") or path == self._root for path in paths
                ):
                    return real(*args, **kwargs)
                self._look()
                result = real(*args, **kwargs)
                if result is not False:
                    self._note(kind, paths)
                return result

        return call

    def _note(self, kind: str, paths: list[str]) -> None:
        match kind, paths:
            case "fsync", [path]:
                if path in self._nodes:
                    self.operations.append(Sync(self._nodes[path]))
            case "syncfs", []:
                self.operations.append(SyncAll())
            case "link", [source, target]:
                self._rename({target: self._nodes[source]})
            case (("rename" | "replace"), [source, target]):
                together = Path(target).is_dir()
                moved = {target: self._nodes[source], source: None}
                self._rename(moved, together=together)
            case "exchange", [one, other]:
                nodes = {one: self._nodes[other], other: self._nodes[one]}
                self._rename(nodes, together=True)
            case (("unlink" | "remove" | "rmdir"), [path]):
                self._rename({path: None})
            case "mkdir", [path]:
                self._rename({path: self._new_node()})

    def _rename(self, names: dict[str, int | None], *, together: bool = False) -> None:
        changes = [
            (self._nodes[str(Path(path).parent)], Path(path).name, node)
            for path, node in names.items()
        ]
        if together:
            self.operations.append(Naming(tuple(changes)))
        else:
            self.operations += [Naming((change,)) for change in changes]
        below = {
            path: {
                known.removeprefix(path): node
                for known, node in self._nodes.items()
                if known == path or known.startswith(f"{path}/")
            }
            for path in names
        }
        by_node = {self._nodes[path]: below[path] for path in names if path in self._nodes}
        for path in names:
            for rest in below[path]:
                del self._nodes[f"{path}{rest}"]
        for path, node in names.items():
            if node is not None:
                inside = by_node.get(node, {"": node})
                self._nodes |= {f"{path}{rest}": at for rest, at in inside.items()}

    def _new_node(self) -> int:
        self._counter += 1
        return self._counter

    def _look(self) -> None:
        """Note what has come about without a call."""
        there = {self._root}
        for parent, folders, files in os.walk(self._root):
            for name in (*folders, *files):
                path = f"{parent}/{name}"
                if name.endswith(".lock"):
                    continue
                there.add(path)
                is_new = path not in self._nodes
                node = self._nodes.setdefault(path, self._counter + 1)
                self._counter = max(self._counter, node)
                if name in files:
                    self._look_into(path, node)
                if is_new:
                    self.operations.append(Naming(((self._nodes[parent], name, node),)))
        gone = self._nodes.keys() - there
        assert not gone, f"taken away unrecorded: {gone}"

    def _look_into(self, path: str, node: int) -> None:
        stat = Path(path).stat()
        if self._seen.get(node) != (stat.st_size, stat.st_mtime_ns):
            self._seen[node] = (stat.st_size, stat.st_mtime_ns)
            self.operations.append(Content(node, Path(path).read_bytes()))


def _offered(_: object) -> bool:
    """Stands for syncfs(2), so that the file system of the tests need not offer it."""
    return True


def _is_path(argument: object, kind: str) -> bool:
    return isinstance(argument, str | bytes | os.PathLike) or (
        kind == "fsync" and isinstance(argument, int)
    )


def _path(argument: Any, folder: int | None) -> str:
    if isinstance(argument, int):
        return str(_opened(argument))
    path = Path(os.fsdecode(argument))
    return str(path.absolute() if folder is None else _opened(folder) / path)


def _opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()
