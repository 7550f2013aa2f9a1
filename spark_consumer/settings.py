"""The stream's settings, from the environment or `.env`."""

from typing import Annotated

from pydantic import Field

from runtime.environment import EnvironmentSettings
from runtime.logs import LogFormat, LogLevel
from runtime.settings import IN_ANY_CASE

__all__ = ["ConsumerSettings"]


class ConsumerSettings(EnvironmentSettings):
    """The stream's own settings; Kafka, the registry and the lake have classes of their own.

    Attributes:
        spark_app_name: SPARK_APP_NAME, the name in Spark's UI.
        max_offsets_per_trigger: MAX_OFFSETS_PER_TRIGGER, the most records in one micro-batch. It
            limits a batch's memory and time while the stream is behind.
        max_record_bytes: MAX_RECORD_BYTES, the most bytes of a record (key, value and headers) that
            are kept when Spark could not read a batch and it is read record by record. A longer
            record is cut, with its length and SHA-256 beside it.
        reader_schema: READER_SCHEMA, the version of the catalogue's trade (`v1` or `1`) that all
            records are read into. Empty: the version that loses no field of any registered one.
        registry_patience_seconds: REGISTRY_PATIENCE_SECONDS, how long to retry a registry that
            does not answer before the stream stops.
        registry_confirmation_seconds: REGISTRY_CONFIRMATION_SECONDS, how long the registry must
            keep answering that it does not know a schema id before its records are quarantined.
        log_format: LOG_FORMAT, console or json.
        log_level: LOG_LEVEL.
    """

    spark_app_name: str = "kraken-lake"
    max_offsets_per_trigger: int = Field(default=1_000_000, gt=0)
    max_record_bytes: int = Field(default=1 << 20, ge=1 << 16, le=1 << 26)
    reader_schema: str = Field(default="", pattern=r"^(v?[1-9]\d*)?$")
    registry_patience_seconds: float = Field(default=60.0, ge=0)
    registry_confirmation_seconds: float = Field(default=5.0, ge=0)
    log_format: Annotated[LogFormat, IN_ANY_CASE] = "console"
    log_level: Annotated[LogLevel, IN_ANY_CASE] = "info"

    @property
    def reader_version(self) -> int | None:
        """READER_SCHEMA as a version number of the catalogue; None if it is empty."""
        return int(self.reader_schema.removeprefix("v")) if self.reader_schema else None
