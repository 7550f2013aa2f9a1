"""The settings of the lake: where it is, its exchange and its compression."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator, SecretStr

from lake.layout import LakeLayout
from lake.storage.object_path import LakePath, lake_path
from runtime.environment import EnvironmentSettings

__all__ = ["Compression", "LakeSettings"]

_Place = Annotated[LakePath, PlainValidator(lake_path), PlainSerializer(str, return_type=str)]
Compression = Literal["zstd", "snappy"]


class LakeSettings(EnvironmentSettings):
    """The lake's settings, from the environment or `.env`.

    Attributes:
        base_output_path: BASE_OUTPUT_PATH, the folder that holds the lake, or its address in an
            object store: s3://BUCKET/FOLDER.
        parquet_compression: PARQUET_COMPRESSION, zstd (smaller) or snappy.
        log_retention_hours: LOG_RETENTION_HOURS, for how long each commit can be read by itself.
        retire_older_than: RETIRE_OLDER_THAN, the age from which `kraken-lake retire` removes hours
            if it is given none, such as 90d; empty for never.
        table_formats: TABLE_FORMATS, the formats of the tables that `kraken-lake tables` keeps if
            it is given none: delta, iceberg, or both with a comma.
        iceberg_catalog_uri: ICEBERG_CATALOG_URI, the catalog of the Iceberg table: a database or a
            REST catalog; None for a SQLite file beside the lake.
        exchange: EXCHANGE, the venue whose trades it holds; also the name of its folder.
    """

    base_output_path: _Place = Path("data")
    exchange: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = "KRAKEN"
    parquet_compression: Compression = "zstd"
    log_retention_hours: Annotated[float, Field(ge=0, le=1_000_000)] = 24.0
    retire_older_than: str = ""
    table_formats: Annotated[
        str, Field(pattern=r"^ *(delta|iceberg) *(, *(delta|iceberg) *)*$")
    ] = "delta"
    # It may hold a password.
    iceberg_catalog_uri: SecretStr | None = None

    @property
    def layout(self) -> LakeLayout:
        """The folders of this lake."""
        base = self.base_output_path
        return LakeLayout(
            base=base.absolute() if isinstance(base, Path) else base, exchange=self.exchange
        )

    @property
    def catalog_uri(self) -> str:
        """The catalog of the Iceberg table; empty for a SQLite file beside the lake."""
        return (
            "" if self.iceberg_catalog_uri is None else self.iceberg_catalog_uri.get_secret_value()
        )
