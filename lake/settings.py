"""The settings of the lake: where it is, its exchange and its compression."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lake.layout import LakeLayout

__all__ = ["Compression", "LakeSettings"]

Compression = Literal["zstd", "snappy"]


class LakeSettings(BaseSettings):
    """The lake's settings, from the environment or `.env`.

    Attributes:
        base_output_path: BASE_OUTPUT_PATH, the folder that holds the lake.
        parquet_compression: PARQUET_COMPRESSION, zstd (smaller) or snappy.
        exchange: EXCHANGE, the venue whose trades it holds; also the name of its folder.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    base_output_path: Path = Path("data")
    exchange: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = "KRAKEN"
    parquet_compression: Compression = "zstd"

    @field_validator("base_output_path")
    @classmethod
    def _is_a_folder(cls, value: Path) -> Path:
        if ":/" in str(value):
            raise ValueError(f"{value} is no folder: the lake lies on a local or NFS file system")
        return value

    @property
    def layout(self) -> LakeLayout:
        """The folders of this lake."""
        return LakeLayout(base=self.base_output_path.absolute(), exchange=self.exchange)
