"""The stream's fixtures, for what is done to a lake that a real stream has filled."""

from tests.integration.spark_consumer.conftest import newest_id, pipeline, trades

__all__ = ["newest_id", "pipeline", "trades"]
