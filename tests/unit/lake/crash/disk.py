"""What a disk may hold after a power cut, by POSIX: only what was flushed is sure to be there.

The model knows files and folders as nodes. A file's content is durable once the file was flushed, a
name in a folder once that folder was, and neither brings the other along. What was not flushed may
be there or not, each change for itself: a rename of a file may leave both names or none. Renaming
or exchanging folders is one change, all or nothing, since no file system lets a folder have two
names; a flush of either parent makes it durable.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

__all__ = ["ROOT", "Content", "Disk", "Naming", "Operation", "Sync", "SyncAll", "Tree"]

ROOT = 0
"""The node of the folder that everything lies in; it was there before."""

Tree: TypeAlias = "dict[str, Tree | tuple[int, bytes]]"
"""A folder: its folders, and its files as node and content."""


@dataclass(frozen=True)
class Naming:
    """Names change: each is (folder, name, node); no node: the name is taken away."""

    changes: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True)
class Content:
    """A file has this content from now on."""

    node: int
    content: bytes


@dataclass(frozen=True)
class Sync:
    """A file's content, or a folder's names, are flushed."""

    node: int


@dataclass(frozen=True)
class SyncAll:
    """Everything is flushed."""


Operation: TypeAlias = Naming | Content | Sync | SyncAll

_TORN = 2
"""Choice of a content: 0 is the durable one, 1 the new one, 2 half of it."""


@dataclass
class _Name:
    """One name: its durable node, and the changes since, by their number."""

    durable: int | None = None
    pending: list[tuple[int, int | None]] = field(default_factory=list)


class Disk:
    """A disk under a sequence of operations."""

    def __init__(self) -> None:
        self._names: dict[int, dict[str, _Name]] = {ROOT: {}}
        self._durable: dict[int, bytes] = {}
        self._unsynced: dict[int, bytes] = {}
        self._changes: dict[int, list[tuple[int, str]]] = {}
        self._counter = 0

    def apply(self, operation: Operation) -> None:
        """Take one more operation."""
        match operation:
            case Naming(changes):
                self._counter += 1
                self._changes[self._counter] = [(folder, name) for folder, name, _ in changes]
                for folder, name, node in changes:
                    known = self._names.setdefault(folder, {}).setdefault(name, _Name())
                    known.pending.append((self._counter, node))
            case Content(node, content):
                self._durable.setdefault(node, b"")
                self._unsynced[node] = content
            case Sync(node) if node in self._durable:
                self._durable[node] = self._unsynced.pop(node, self._durable[node])
            case Sync(node):
                for name in self._names.get(node, {}).values():
                    for change, _ in list(name.pending):
                        self._settle(change)
            case SyncAll():
                self.sync_all()

    def sync_all(self) -> None:
        """Flush all contents and all names."""
        for node in (*self._names, *self._durable):
            self.apply(Sync(node))

    def _settle(self, change: int) -> None:
        for folder, name in self._changes.pop(change, ()):
            known = self._names[folder][name]
            at = [number for number, _ in known.pending].index(change)
            known.durable = known.pending[at][1]
            superseded = [number for number, _ in known.pending[:at]]
            known.pending = known.pending[at + 1 :]
            for number in superseded:
                places = self._changes.get(number, [])
                self._changes[number] = [place for place in places if place != (folder, name)]
        self._changes = {number: places for number, places in self._changes.items() if places}

    def states(self, at_most: int, chance: random.Random) -> Iterator[Tree]:
        """The trees that a cut at this moment may leave: all of them, or so many drawn by chance.

        Drawn are all changes and none, then by turns one missing or there alone, and any.
        """
        kinds = [*([2] * len(self._changes)), *([3] * len(self._unsynced))]
        total = 1
        for kind in kinds:
            total *= kind
        if total <= at_most:
            choices: Iterator[tuple[int, ...]] = product(*(range(kind) for kind in kinds))
        else:
            choices = _drawn(kinds, at_most, chance)
        for choice in choices:
            yield self._tree(choice)

    def _tree(self, choice: tuple[int, ...]) -> Tree:
        done = {number for number, is_there in zip(self._changes, choice, strict=False) if is_there}
        contents = dict(zip(self._unsynced, choice[len(self._changes) :], strict=True))
        return self._folder(ROOT, done, contents)

    def _folder(self, folder: int, done: set[int], contents: Mapping[int, int]) -> Tree:
        tree: Tree = {}
        for name, known in self._names.get(folder, {}).items():
            node = known.durable
            for number, later in known.pending:
                node = later if number in done else node
            if node is None:
                continue
            if node in self._durable:
                tree[name] = (node, self._content(node, contents.get(node, 0)))
            else:
                tree[name] = self._folder(node, done, contents)
        return tree

    def _content(self, node: int, choice: int) -> bytes:
        new = self._unsynced.get(node, b"")
        if choice == _TORN:
            return new[: len(new) // 2]
        return new if choice else self._durable[node]


def _drawn(kinds: list[int], at_most: int, chance: random.Random) -> Iterator[tuple[int, ...]]:
    yield (1,) * len(kinds)
    yield (0,) * len(kinds)
    for number in range(2, at_most):
        if number % 2:
            yield tuple(chance.randrange(kind) for kind in kinds)
        else:
            usual = chance.randrange(2)
            choice = [usual] * len(kinds)
            choice[chance.randrange(len(kinds))] = 1 - usual
            yield tuple(choice)
