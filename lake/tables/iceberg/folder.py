"""Where the Iceberg tables of the lakes below one folder are; needs no package of Iceberg."""

from pathlib import Path
from typing import Final

from lake.layout import LakeLayout
from lake.storage.object_path import LakePath, on_disk

__all__ = ["catalog_file", "table_folder"]

_FOLDER: Final = "_iceberg"


def table_folder(layout: LakeLayout) -> LakePath:
    """Return the folder of one lake's table: its metadata, and none of its data files."""
    return layout.base / _FOLDER / layout.exchange


def catalog_file(layout: LakeLayout) -> Path:
    """Return the SQLite file that is the catalog of all these tables if no other is set.

    Raises:
        StoreUnsupported: The lake is in an object store.
    """
    return on_disk(layout.base, "A catalog in a file") / _FOLDER / "catalog.db"
