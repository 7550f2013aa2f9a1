"""Compares the tables over the lake's files with the commit log.

A table may be behind the lake. So its files are compared with those of the lake as of the commit
that the table itself names.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from lake.errors import CatalogUnavailable, CommitsFolded, LakeBusy, LakeDamaged, TableDamaged
from lake.layout import LakeLayout
from lake.log.commit import DataFile
from lake.log.snapshot import Snapshot, read_snapshot
from lake.tables.formats import existing_formats, table_of
from lake.tables.table import LakeTable, TableFile, TableFormat, rebuild_command
from lake.verify.result import Problem, ProblemKind

__all__ = ["check_tables"]

_ATTEMPTS: Final = 5


def check_tables(layout: LakeLayout, catalog_uri: str = "") -> Iterator[Problem]:
    """Yield what is wrong with each table that there is.

    A table that is so far behind that the log of its commit is folded cannot be compared, and is
    left out: `kraken-lake tables status` shows how far it is behind.

    Args:
        layout: the lake.
        catalog_uri: the catalog of its Iceberg table; empty for a file beside the lake.

    Raises:
        LakeBusy: A table was changed again and again while it was read.
    """
    for table_format in existing_formats(layout):
        try:
            yield from _compared(layout, table_of(layout, table_format, catalog_uri))
        except (TableDamaged, CatalogUnavailable) as error:
            yield Problem(ProblemKind.WRONG_TABLE, table_format.value, str(error))
        except LakeDamaged:
            return  # Reported as a problem of the log itself.


def _compared(layout: LakeLayout, table: LakeTable) -> Iterator[Problem]:
    for _ in range(_ATTEMPTS):
        before = table.position()
        if before is None:
            return
        files = table.files()
        if table.position() == before:
            break
    else:
        raise LakeBusy(f"the table was changed {_ATTEMPTS} times while it was read; try again.")
    try:
        snapshot = read_snapshot(layout, at=before.commit)
    except CommitsFolded:
        return
    if snapshot.number != before.commit:
        ends = f"It holds commit {before.commit}; the lake ends at {snapshot.number}."
        advice = f"{ends} {_advice(table.format)}"
        yield Problem(ProblemKind.WRONG_TABLE, table.format.value, advice)
        return
    yield from _differences(table.format, snapshot, files)


def _differences(
    table_format: TableFormat, snapshot: Snapshot, in_table: Mapping[str, TableFile]
) -> Iterator[Problem]:
    for path in sorted(snapshot.files.keys() | in_table.keys()):
        landed, listed = snapshot.files.get(path), in_table.get(path)
        if landed is None:
            wrong = "is in the table, but was not part of the lake"
        elif listed is None:
            wrong = "is missing in the table"
        elif (difference := _difference(landed, listed)) is not None:
            wrong = difference
        else:
            continue
        advice = f"As of commit {snapshot.number} it {wrong}. {_advice(table_format)}"
        yield Problem(ProblemKind.WRONG_TABLE, path, advice)


def _advice(table_format: TableFormat) -> str:
    command = rebuild_command(table_format)
    return f"`{command}` writes the table anew; the lake's files are not touched."


def _difference(landed: DataFile, listed: TableFile) -> str | None:
    if listed.bytes != landed.bytes:
        return f"has {landed.bytes} bytes, {listed.bytes} in the table"
    if listed.rows != landed.rows:
        return f"has {landed.rows} rows, {listed.rows} in the table"
    values = "/".join(f"{name}={value}" for name, value in listed.partition.items())
    if not f"/{landed.folder}".endswith(f"/{values}"):
        return f"is in another folder than the table says ({values})"
    return None
