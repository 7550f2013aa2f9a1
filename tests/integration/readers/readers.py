"""The readers: the program that each runs, where, and the formats that it reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """A reader of the lake.

    Attributes:
        program: In `programs/`, without its ending.
        formats: What it reads.
        is_apart: Whether it is installed in the readers' own environment.
        needs_jars: Whether it needs the archives of Delta Lake.
    """

    program: str
    formats: tuple[str, ...] = ("files", "delta", "iceberg")
    is_apart: bool = False
    needs_jars: bool = False


READERS = {
    "DuckDB": Reader("duckdb_reader"),
    "DuckDB 1": Reader("duckdb_1_reader", is_apart=True),
    "Polars": Reader("polars_reader"),
    "pyarrow": Reader("pyarrow_reader"),
    "pandas": Reader("pandas_reader", is_apart=True),
    "Spark": Reader("spark_reader", formats=("files", "delta"), needs_jars=True),
    "DataFusion": Reader("datafusion_reader", is_apart=True),
    "chDB": Reader("chdb_reader", is_apart=True),
    "deltalake": Reader("deltalake_reader", formats=("delta",)),
    "PyIceberg": Reader("pyiceberg_reader", formats=("iceberg",)),
}
"""By the names in docs/readers.md."""
