"""The catalog: the one place that says which metadata is the table's newest.

A commit to the table replaces that one value if it is still the one that the commit began with, so
of two processes one is refused.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    NoSuchTableError,
    NotInstalledError,
    RESTError,
    TableAlreadyExistsError,
    ValidationError,
)
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.table.update import TableRequirement, TableUpdate
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError

from lake.errors import CatalogUnavailable, TableDamaged
from lake.layout import LakeLayout
from lake.tables.iceberg.folder import catalog_file, table_folder
from lake.tables.iceberg.locations import files_in, is_same, to_location
from lake.tables.iceberg.snapshots import is_manifest_list
from lake.tables.table import TableFormat, rebuild_command

__all__ = ["CATALOG", "TableCatalog"]

CATALOG: Final = "lake"
"""The catalog's name. PyIceberg takes more settings of it from PYICEBERG_CATALOG__LAKE__…"""

_NAME: Final = "trades"
_ADDRESS: Final = re.compile(r"([\w+.-]+)://(?:.*@)?([^/?#@&]*(?:/[^?#@]*)?)", re.DOTALL)
"""Scheme, then host and path."""

_ON_DISK: Final = "lake.tables.iceberg.file_io.LocalFiles"
_IN_STORE: Final = "lake.tables.iceberg.stored_files.StoredFiles"


class TableCatalog:
    """The entry of one lake's table in a catalog.

    Args:
        layout: the lake.
        uri: the catalog, as PyIceberg takes it: a database, or the address of a REST catalog. Empty
            for a SQLite file beside the lake.

    Raises:
        CatalogUnavailable: The lake is in an object store, and no catalog is named.
    """

    def __init__(self, layout: LakeLayout, uri: str) -> None:
        if layout.is_on_store and not uri:
            raise CatalogUnavailable(
                f"the Iceberg table in {layout.base} has no catalog: by default that is a file "
                "beside the lake, which a store cannot hold, and a file on this machine would let "
                "each machine write a table of its own. Set ICEBERG_CATALOG_URI to a database or a "
                "REST catalog that every machine reaches."
            )
        self._uri = uri or f"sqlite:///{catalog_file(layout)}"
        self._file = None if uri else catalog_file(layout)
        self._file_io = _IN_STORE if layout.is_on_store else _ON_DISK
        self._base = layout.base
        self._namespace = re.sub(r"\W", "_", layout.exchange).lower()
        self.location = to_location(table_folder(layout))
        self._opened: Catalog | None = None

    @property
    def identifier(self) -> tuple[str, str]:
        """The table's name: `kraken.trades`."""
        return self._namespace, _NAME

    def load(self) -> Table | None:
        """Read the table's newest metadata; None if the catalog has no such table.

        Raises:
            CatalogUnavailable: The catalog does not answer.
            TableDamaged: The metadata cannot be read.
        """
        if self._file is not None and not self._file.exists():
            return None
        with self._answers(), suppress(NoSuchTableError, NoSuchNamespaceError):
            return self._catalog().load_table(self.identifier)
        return None

    def create(
        self, schema: Schema, spec: PartitionSpec, properties: dict[str, str]
    ) -> Table | None:
        """Make the table, without files; return None if there is one.

        Raises:
            CatalogUnavailable: The catalog does not answer, or refuses.
        """
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._answers():
            with suppress(NamespaceAlreadyExistsError):
                self._catalog().create_namespace(self._namespace)
            with suppress(TableAlreadyExistsError):
                return self._catalog().create_table(
                    self.identifier,
                    schema,
                    location=self.location,
                    partition_spec=spec,
                    properties=properties,
                )
        return None

    def refuse_unknown(self) -> None:
        """Refuse to make the table where one lies that this catalog does not have.

        Several machines share a store. One that names another catalog would make a second table
        there, and each of the two would remove the other's files.

        Raises:
            TableDamaged: There is one.
        """
        is_table = any(is_manifest_list(path.name) for path, _ in files_in(self.location))
        if is_table and self.load() is None:
            raise self.damaged(
                f"the catalog of ICEBERG_CATALOG_URI does not have it, and {self.location} holds "
                "its metadata: is another catalog set on another machine?"
            )

    def refuse_elsewhere(self, table: Table) -> None:
        """Refuse a table whose metadata is not where this lake's is.

        Raises:
            TableDamaged: It is another lake's, or the lake was moved; or nothing is wrong with the
                table, but the lake was reached by another path.
        """
        place = table.location()
        if place == self.location:
            return
        if is_same(place, self.location):
            raise TableDamaged(
                f"the Iceberg table names its files by {place}, and {self.location} is the same "
                "folder by another path. Readers need the first: set BASE_OUTPUT_PATH to the path "
                "by which the table was made. Nothing is wrong with the table."
            )
        raise self.damaged(
            f"its metadata is at {place}: it is another lake's, or the lake was moved, and the "
            "table names its files by absolute paths"
        )

    def commit(
        self, table: Table, requirements: list[TableRequirement], updates: list[TableUpdate]
    ) -> Table | None:
        """Change the table in one step; return None if another process was first.

        If the answer is lost, the change may have been made: whoever looks at the table again finds
        that out by the number of the lake's commit.

        Raises:
            CatalogUnavailable: The catalog does not answer, or refuses.
        """
        with self._answers():
            try:
                done = table.catalog.commit_table(table, tuple(requirements), tuple(updates))
            except (CommitFailedException, NoSuchTableError):
                return None
        return Table(table.name(), done.metadata, done.metadata_location, table.io, table.catalog)

    def drop(self) -> None:
        """Take the table out of the catalog; its files stay."""
        with self._answers(), suppress(NoSuchTableError, NoSuchNamespaceError):
            self._catalog().drop_table(self.identifier)

    def damaged(self, why: object) -> TableDamaged:
        """Return the error for a table that cannot be used."""
        return TableDamaged(
            f"the Iceberg table {'.'.join(self.identifier)} over {self._base} is damaged ({why}). "
            f"`{rebuild_command(TableFormat.ICEBERG)}` writes it anew from the lake's commit log; "
            "the lake's own files are not touched."
        )

    def _catalog(self) -> Catalog:
        if self._opened is None:
            settings = {"uri": self._uri, "py-io-impl": self._file_io, "pool_pre_ping": "true"}
            try:
                self._opened = load_catalog(CATALOG, **settings)
            except ValueError as error:
                raise self._unavailable("no kind of catalog has such an address") from error
        return self._opened

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """Convert the errors of catalogs and of metadata."""
        try:
            yield
        except (SQLAlchemyError, RequestException, RESTError, CommitStateUnknownException) as error:
            raise self._unavailable(_message(error)) from error
        except (NotInstalledError, ImportError) as error:
            raise self._unavailable(f"a package is missing: {error}") from error
        except FileNotFoundError as error:
            raise self.damaged(f"{error.filename} is missing") from error
        except (ValidationError, ValueError, KeyError) as error:
            raise self.damaged(_in_short(_message(error))) from error

    def _unavailable(self, why: str) -> CatalogUnavailable:
        shown = self._shown()
        return CatalogUnavailable(
            f"the catalog of the Iceberg table at {shown} cannot be used "
            f"({_in_short(why.replace(self._uri, shown))}): the lake "
            "does not depend on it, and the table is brought up to date once it answers; see "
            "ICEBERG_CATALOG_URI."
        )

    def _shown(self) -> str:
        """Return the catalog's address without user and password."""
        if self._file is not None:
            return str(self._file)
        # A password may hold any character, also those that end a host: it ends at the last @.
        found = _ADDRESS.match(self._uri)
        return f"{found[1]}://{found[2]}" if found else f"{self._uri.partition(':')[0]}:…"


def _message(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip() or type(error).__name__


def _in_short(text: str) -> str:
    """Return the first line of an error, which may have a page of them."""
    return text.splitlines()[0][:200]
