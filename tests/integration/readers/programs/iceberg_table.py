"""The Iceberg table, as its catalog knows it, for the readers that ask PyIceberg for it."""

from pyiceberg.catalog import load_catalog


def opened(lake):
    catalog = load_catalog("lake", uri=f"sqlite:///{lake}/_iceberg/catalog.db")
    return catalog.load_table("kraken.trades")


def files_of(scan):
    return [one.file.file_path.removeprefix("file://") for one in scan.plan_files()]
