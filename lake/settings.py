"""Where the lake lies."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from lake.layout import LakeLayout

__all__ = ["Compression", "LakeSettings"]

Compression = Literal["zstd", "snappy"]


class LakeSettings(BaseSettings):
    """The lake's place on disk, from the environment or `.env`.

    Attributes:
        base_output_path: BASE_OUTPUT_PATH, the folder that holds the lake.
        parquet_compression: PARQUET_COMPRESSION, zstd (smaller) or snappy.
        exchange: EXCHANGE, the venue whose trades it holds and the name of its folder.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    base_output_path: Path = Path("data")
    exchange: str = "KRAKEN"
    parquet_compression: Compression = "zstd"

    @property
    def layout(self) -> LakeLayout:
        """The folders of this lake."""
        return LakeLayout(base=self.base_output_path.absolute(), exchange=self.exchange)
