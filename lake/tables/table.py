"""What a table format has to offer, so that the lake's files can be kept in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import pyarrow as pa

from lake.tables.changes import Change

__all__ = ["LakeTable", "Position", "TableFile", "TableFormat", "rebuild_command"]


class TableFormat(StrEnum):
    """The formats that are kept."""

    DELTA = "delta"
    ICEBERG = "iceberg"


def rebuild_command(table_format: TableFormat) -> str:
    """Return the command that writes a table anew."""
    return f"kraken-lake tables sync --format {table_format.value} --rebuild"


@dataclass(frozen=True)
class Position:
    """How far a table has come.

    Attributes:
        version: the table's own version.
        commit: the newest commit of the lake in it; 0 for none.
        only_ours: whether nothing but this platform has written to it since that commit. If not,
            its files have to be compared with the lake's.
    """

    version: int
    commit: int
    only_ours: bool = True


@dataclass(frozen=True)
class TableFile:
    """What a table says of one of its files.

    Attributes:
        bytes: its size.
        rows: how many it has; None if the table does not say.
        partition: the values of its folders, by column.
    """

    bytes: int
    rows: int | None
    partition: Mapping[str, str]


class LakeTable(Protocol):
    """A table over the files of one lake.

    Each version of it holds the lake's files as of one commit. It stores that commit's number in
    the same step as the files, so it can be brought up to date again and again, from any point.

    A table that has a catalog raises `CatalogUnavailable` from each method if that does not answer.
    """

    @property
    def format(self) -> TableFormat:
        """The format."""

    def position(self) -> Position | None:
        """Return how far the table has come; None if there is none.

        Raises:
            TableDamaged: It cannot be read.
        """

    def files(self) -> Mapping[str, TableFile]:
        """Return its files at its position, by path, relative to BASE_OUTPUT_PATH.

        Raises:
            TableDamaged: It cannot be read.
        """

    def append(self, change: Change, columns: pa.Schema, after: Position | None) -> Position | None:
        """Write one version, durably and whole; return None if another process was first.

        Args:
            change: what the version changes.
            columns: the columns of the files that it adds.
            after: the position that the change was computed for; None for a new table.

        Raises:
            TableDamaged: A column has another type than in the table.
            LakeUnwritable: The storage refused the write.
        """

    def rebuild(self, change: Change, columns: pa.Schema) -> Position:
        """Replace the table, whatever is left of it, with one that begins with this change.

        Raises:
            LakeUnwritable: The storage refused a write.
        """

    def tidy(self, older_than: datetime) -> None:
        """Keep reading cheap: sum up versions where it is time, and drop old ones.

        Args:
            older_than: only versions from before this time are dropped, UTC.

        Raises:
            TableDamaged: The table cannot be read.
            LakeUnwritable: The storage refused a write.
        """

    def version_at(self, commit: int) -> Position | None:
        """Return the newest version that holds no commit after this one; None if none is kept.

        Raises:
            TableDamaged: The table cannot be read.
        """
