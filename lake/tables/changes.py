"""What a range of commits changes in a table: pure functions from the commit log.

A table holds the lake's files as of one commit. A change brings it to a later one in one step: a
file that came and went within the range does not appear in it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Self

from lake.log.commit import Commit, DataFile, Role, Source
from lake.log.snapshot import Snapshot

__all__ = ["Added", "Change", "ChangeBuilder", "Removed", "difference"]


@dataclass(frozen=True)
class Added:
    """A file that joins the table.

    Attributes:
        file: the file.
        new_rows: whether it has rows, or columns of rows, that the table did not have.
    """

    file: DataFile
    new_rows: bool


@dataclass(frozen=True)
class Removed:
    """A file that leaves the table.

    Attributes:
        path: relative to BASE_OUTPUT_PATH.
        rows_go: whether its rows leave the table, or come back beside new ones in one file. If not,
            files that are added have the same rows.
    """

    path: str
    rows_go: bool


@dataclass(frozen=True)
class Change:
    """The difference between the lake's files as of two commits.

    Attributes:
        first: the first commit in it; 1 for a table that begins.
        last: the last commit.
        committed_at: when the last commit was written, UTC.
        added: the files that join, in the order of their commits.
        removed: the files that leave.
        look_into: the files of `added` whose columns together are those of all of them.
        source: the topic that the lake is filled from; None if that is not known.
        position: the next offset of that topic to land, per partition, after the last commit.
    """

    first: int
    last: int
    committed_at: datetime
    added: tuple[Added, ...] = ()
    removed: tuple[Removed, ...] = ()
    look_into: tuple[tuple[DataFile, ...], ...] = ()
    source: Source | None = None
    position: Mapping[int, int] = field(default_factory=dict)


@dataclass
class _Arriving:
    """A file that is in the lake now and is not in the table yet."""

    file: DataFile
    commit: Commit
    new_rows: bool
    merged_from: frozenset[str]


@dataclass
class ChangeBuilder:
    """Sums up commits, one after the other, in memory that grows with the files that stay.

    Attributes:
        after: the commit that the table holds.
    """

    after: int
    _last: Commit | None = None
    _arriving: dict[str, _Arriving] = field(default_factory=dict)
    _leaving: set[str] = field(default_factory=set)

    def apply(self, commit: Commit) -> Self:
        """Add the next commit."""
        self._last = commit
        leaving, joining = _by_partition(commit.removed_files), _by_partition(commit.files)
        for partition in sorted(leaving.keys() | joining.keys()):
            self._apply_partition(commit, leaving.get(partition, []), joining.get(partition, []))
        return self

    def build(self) -> Change | None:
        """Return the change; None if there was no commit."""
        if self._last is None:
            return None
        arriving = list(self._arriving.values())
        with_new_rows = {path for one in arriving if one.new_rows for path in one.merged_from}
        merged = {path for one in arriving for path in one.merged_from}
        return Change(
            first=self.after + 1,
            last=self._last.number,
            committed_at=self._last.committed_at,
            added=tuple(Added(one.file, one.new_rows) for one in arriving),
            removed=tuple(
                Removed(path, rows_go=path in with_new_rows or path not in merged)
                for path in sorted(self._leaving)
            ),
            look_into=tuple(_with_all_columns(arriving)),
            source=self._last.source,
            position={part: covered.end for part, covered in self._last.offsets.items()},
        )

    def _apply_partition(
        self, commit: Commit, leaving: Sequence[DataFile], joining: Sequence[DataFile]
    ) -> None:
        """Apply what a commit does in one partition: rows never move from one to another."""
        came = [one for file in leaving if (one := self._arriving.pop(file.path, None))]
        were_there = {file.path for file in leaving} - {one.file.path for one in came}
        self._leaving |= were_there
        merged_from = were_there.union(*(one.merged_from for one in came))
        same_rows = leaving and commit.reread is None and _rows(leaving) == _rows(joining)
        new_rows = not same_rows or any(one.new_rows for one in came)
        for file in joining:
            self._arriving[file.path] = _Arriving(file, commit, new_rows, frozenset(merged_from))


def difference(in_table: Collection[str], snapshot: Snapshot, committed_at: datetime) -> Change:
    """Return what brings a table to a snapshot, whatever commits there were in between.

    Which rows are new is not known then, so all are taken for new.

    Args:
        in_table: the paths of the table's files.
        snapshot: the lake's files.
        committed_at: when the snapshot's newest commit was written, UTC.
    """
    files: Mapping[str, DataFile] = snapshot.files
    joining = [file for path, file in files.items() if path not in in_table]
    return Change(
        first=1,
        last=snapshot.number,
        committed_at=committed_at,
        added=tuple(Added(file, new_rows=True) for file in joining),
        removed=tuple(
            Removed(path, rows_go=True) for path in sorted(in_table) if path not in files
        ),
        look_into=tuple((file,) for file in joining),
    )


def _with_all_columns(arriving: Iterable[_Arriving]) -> Iterable[tuple[DataFile, ...]]:
    """Yield files of which one has to be looked into for its columns.

    A batch of the stream has one schema, and so have all of its files. Files that were written
    again may have more columns or fewer.
    """
    for _, group in groupby(arriving, key=lambda one: one.commit.number):
        alike = list(group)
        if alike[0].commit.role is Role.STREAM:
            yield tuple(one.file for one in alike)
        else:
            yield from ((one.file,) for one in alike)


def _by_partition(files: Iterable[DataFile]) -> dict[str, list[DataFile]]:
    """Group files by hour and symbol, which a store has in the live folder and the readers'."""
    groups: dict[str, list[DataFile]] = {}
    for file in files:
        groups.setdefault(file.folder.partition("year=")[2], []).append(file)
    return groups


def _rows(files: Iterable[DataFile]) -> int:
    return sum(file.rows for file in files)
