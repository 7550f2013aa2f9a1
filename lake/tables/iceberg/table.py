"""The lake's files as an Iceberg table.

The metadata lies in `_iceberg/`, beside the exchange's folder. The data files are the lake's own;
since none is below the table's own folder, no program that tidies that folder finds them.
"""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationError
from pyiceberg.table import Table
from pyiceberg.table.update import RemoveSnapshotsUpdate

from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.storage.local_files import storage_errors
from lake.storage.operations import remove
from lake.tables.changes import Change
from lake.tables.iceberg.catalog import TableCatalog
from lake.tables.iceberg.columns import in_table, mapping_of, partitioning, schema_of
from lake.tables.iceberg.data_files import path_of, to_table_file
from lake.tables.iceberg.expiry import drop_unneeded_files, expired, metadata_files
from lake.tables.iceberg.manifests import live_entries
from lake.tables.iceberg.positions import newest_up_to, position_of
from lake.tables.iceberg.snapshots import next_snapshot, requirements, updates
from lake.tables.table import Position, TableFile, TableFormat

__all__ = ["EXPIRED_AT_ONCE", "IcebergTable"]

EXPIRED_AT_ONCE: Final = 50
"""Snapshots that have to be superfluous before they are removed."""

_SCRAPS_AFTER: Final = 3600.0
"""Seconds after which a file that nothing names is nobody's work any more, nor being read."""

_EXCHANGE: Final = "kraken-lake.exchange"
_ATTEMPTS: Final = 5

_DAMAGE: Final = (ValueError, TypeError, EOFError, LookupError, ArithmeticError, zlib.error)
"""What PyIceberg's decoder raises where a file does not hold what it should."""

_PROPERTIES: Final[Mapping[str, str]] = {
    "format-version": "2",
    # PyIceberg repeats a refused commit by itself, on top of what the other process wrote. Both may
    # have added the same files.
    "commit.retry.num-retries": "0",
    # No program may remove data files because the table does not need them: the lake may.
    "gc.enabled": "false",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "50",
}


class IcebergTable:
    """An Iceberg table over the files of one lake; implements `lake.tables.table.LakeTable`.

    Args:
        layout: the lake.
        catalog_uri: the catalog; empty for a SQLite file beside the lake.

    Raises:
        CatalogUnavailable: The lake is in an object store, and no catalog is named.
    """

    format = TableFormat.ICEBERG

    def __init__(self, layout: LakeLayout, catalog_uri: str = "") -> None:
        self._layout = layout
        self._catalog = TableCatalog(layout, catalog_uri)
        self._table: Table | None = None
        self._known: tuple[object, frozenset[pa.Field[pa.DataType]]] = (None, frozenset())
        self._was_there = False

    def position(self) -> Position | None:
        """Return how far the table has come; None if there is none."""
        self._table = self._load()
        if self._table is None:
            if self._was_there:
                raise self._catalog.damaged("the catalog does not have it any more")
            return None
        self._was_there = True
        return position_of(self._table)

    def files(self) -> Mapping[str, TableFile]:
        """Return its files by path."""
        table: Table | None = None
        with self._reading():
            for _ in range(_ATTEMPTS):
                before = table.metadata_location if table else ""
                table = self._load()
                if table is None:
                    return {}
                try:
                    return self._files(table)
                except FileNotFoundError:
                    # Another process may have removed what this metadata names.
                    if table.metadata_location == before:
                        raise
        raise LakeBusy(
            f"the metadata of the Iceberg table over {self._layout.base} was replaced {_ATTEMPTS} "
            "times while it was read; try again."
        )

    def append(self, change: Change, columns: pa.Schema, after: Position | None) -> Position | None:
        """Write one version; return None if another process was first."""
        table = self._table if after is not None else self._create(columns, replaces=False)
        return None if table is None else self._append(table, change, columns)

    def rebuild(self, change: Change, columns: pa.Schema) -> Position:
        """Replace the table with one that begins with this change.

        For a moment the catalog has no table. Killed in this moment, the next sync makes it; in a
        store it asks for another rebuild, since it might be another catalog's table that is there.
        """
        for _ in range(_ATTEMPTS):
            self._catalog.drop()
            self._table, self._was_there = None, False
            table = self._create(columns, replaces=True)
            if table is not None and (done := self._append(table, change, columns)) is not None:
                return done
        raise LakeBusy(
            f"another process wrote to the Iceberg table over {self._layout.base} {_ATTEMPTS} "
            "times while it was replaced; end that process, then try again."
        )

    def tidy(self, older_than: datetime) -> None:
        """Remove snapshots where it is time, and the files that only they need."""
        table = self._table
        if table is None:
            return
        # A process may sleep from here on, and others go on: what they write meanwhile is younger.
        now = datetime.now(UTC)
        named = {ref.snapshot_id for ref in table.metadata.refs.values()}
        found = [one for one in expired(table.snapshots(), older_than, now) if one not in named]
        if len(found) < EXPIRED_AT_ONCE:
            return
        update = RemoveSnapshotsUpdate(snapshot_ids=found)
        self._table = self._catalog.commit(table, requirements(table), [update])
        if self._table is not None:
            with storage_errors(self._layout.base), self._reading():
                drop_unneeded_files(
                    self._table.metadata,
                    self._table.metadata_location,
                    self._table.io,
                    now.timestamp() - _SCRAPS_AFTER,
                )

    def version_at(self, commit: int) -> Position | None:
        """Return the newest version that holds no commit after this one."""
        table = self._load()
        return None if table is None else newest_up_to(table, commit)

    def _load(self) -> Table | None:
        table = self._catalog.load()
        if table is not None:
            self._refuse_other(table)
        return table

    def _refuse_other(self, table: Table) -> None:
        if table.properties.get(_EXCHANGE) != self._layout.exchange or len(table.specs()) != 1:
            raise self._catalog.damaged("it is another program's table, or was changed by one")
        self._catalog.refuse_elsewhere(table)

    def _files(self, table: Table) -> dict[str, TableFile]:
        snapshot = table.current_snapshot()
        return {
            path_of(self._layout, entry.data_file): to_table_file(entry.data_file)
            for manifest in (snapshot.manifests(table.io) if snapshot else ())
            for entry in live_entries(table.io, manifest)
        }

    def _create(self, columns: pa.Schema, *, replaces: bool) -> Table | None:
        with self._typed():
            schema = schema_of(in_table(columns))
        properties = {
            **_PROPERTIES,
            _EXCHANGE: self._layout.exchange,
            "schema.name-mapping.default": mapping_of(schema),
        }
        earlier = metadata_files(self._catalog.location)
        if self._layout.is_on_store and earlier and not replaces:
            self._catalog.refuse_unknown()
        table = self._catalog.create(schema, partitioning(schema), properties)
        if table is not None:
            # Of the table before this one. ClickHouse asks no catalog: it takes the highest number.
            remove(earlier)
        return table

    def _append(self, table: Table, change: Change, columns: pa.Schema) -> Position | None:
        with_columns = self._with_columns(table, columns)
        if with_columns is None:
            return None
        with storage_errors(self._layout.base), self._reading():
            snapshot = next_snapshot(self._layout, with_columns, change)
        done = self._catalog.commit(with_columns, requirements(with_columns), updates(snapshot))
        if done is None:
            return None
        self._table, self._was_there = done, True
        return Position(snapshot.snapshot_id, change.last)

    def _with_columns(self, table: Table, columns: pa.Schema) -> Table | None:
        """Return the table with the columns of all files; None if another process was first.

        They are a step of their own. Killed after it, the table has a column that is null.
        """
        of_schema, known = self._known
        if of_schema == _schema_id(table) and known.issuperset(columns):
            return table
        try:
            with self._typed(), table.update_schema() as update:
                update.union_by_name(columns)
        except CommitFailedException:
            return None
        changed = self._load()
        if changed is not None:
            self._known = _schema_id(changed), known.union(columns)
        return changed

    @contextmanager
    def _typed(self) -> Iterator[None]:
        """Convert the errors of columns that the table cannot have."""
        try:
            yield
        except (TypeError, ValueError, ValidationError) as error:
            raise self._catalog.damaged(f"a column of the lake does not fit: {error}") from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Convert the errors of the table's own files."""
        try:
            yield
        except FileNotFoundError as error:
            raise self._catalog.damaged(f"{error.filename} is missing") from error
        except _DAMAGE as error:
            raise self._catalog.damaged(f"{type(error).__name__}: {error}") from error


def _schema_id(table: Table) -> object:
    return table.metadata.table_uuid, table.metadata.current_schema_id
