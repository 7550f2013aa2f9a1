"""The table formats that are kept, by name."""

from lake.errors import TableDamaged
from lake.layout import LakeLayout
from lake.tables.delta.log import FOLDER as DELTA_FOLDER
from lake.tables.delta.table import DeltaTable
from lake.tables.iceberg.folder import table_folder
from lake.tables.table import LakeTable, TableFormat

__all__ = ["existing_formats", "formats_in", "table_of"]


def formats_in(text: str) -> list[TableFormat]:
    """Return the formats that a text names, each once.

    Args:
        text: names separated by commas: `delta,iceberg`.

    Raises:
        ValueError: One of them is no format.
    """
    return list(dict.fromkeys(TableFormat(name.strip()) for name in text.split(",")))


def table_of(layout: LakeLayout, table_format: TableFormat, catalog_uri: str) -> LakeTable:
    """Return the lake's table of one format, whether it exists or not.

    Args:
        layout: the lake.
        table_format: the format.
        catalog_uri: the catalog of Iceberg tables; empty for a file beside the lake.

    Raises:
        TableDamaged: The format's packages are not installed.
        CatalogUnavailable: An Iceberg table is asked for, the lake is in an object store, and no
            catalog is named.
    """
    match table_format:
        case TableFormat.DELTA:
            return DeltaTable(layout)
        case TableFormat.ICEBERG:
            try:
                # An optional package, which takes a second to import.
                from lake.tables.iceberg.table import IcebergTable  # noqa: PLC0415
            except ModuleNotFoundError as error:
                raise TableDamaged(
                    f"Iceberg tables need the package {error.name}, which is not installed; "
                    "`pip install 'kraken-lake[iceberg]'` brings it."
                ) from error
            return IcebergTable(layout, catalog_uri)


def existing_formats(layout: LakeLayout) -> list[TableFormat]:
    """Return the formats of the tables over the lake's files."""
    places = {
        TableFormat.DELTA: layout.base / DELTA_FOLDER,
        TableFormat.ICEBERG: table_folder(layout),
    }
    return [table_format for table_format, place in places.items() if place.exists()]
