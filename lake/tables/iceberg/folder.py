"""Where the Iceberg tables of the lakes below one folder are; needs no package of Iceberg."""

from pathlib import Path
from typing import Final

from lake.layout import LakeLayout
from lake.storage.object_path import on_disk

__all__ = ["catalog_file", "data_folder", "table_folder"]

_FOLDER: Final = "_iceberg"
_TABLE: Final = "An Iceberg table"


def table_folder(layout: LakeLayout) -> Path:
    """Return the folder of one lake's table: its metadata, and none of its data files."""
    return on_disk(layout.base, _TABLE) / _FOLDER / layout.exchange


def catalog_file(layout: LakeLayout) -> Path:
    """Return the SQLite file that is the catalog of all these tables if no other is set."""
    return on_disk(layout.base, _TABLE) / _FOLDER / "catalog.db"


def data_folder(layout: LakeLayout) -> Path:
    """Return the folder that the data files' paths are relative to."""
    return on_disk(layout.base, _TABLE)
