"""Spark's own word on where a batch ends."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from spark_consumer.end_offsets import end_offsets, parse_offsets
from spark_consumer.errors import SparkFailed

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


def test_end_offsets_are_read_per_partition() -> None:
    """As Spark 4.1.1's Kafka source tells them."""
    told = '{"kraken.trades":{"0":1004,"1":0}}'
    assert parse_offsets(told, "kraken.trades") == {0: 1004, 1: 0}


def test_offsets_of_another_topic_stop_the_stream() -> None:
    """Guessed offsets would lose or double trades."""
    with pytest.raises(KeyError):
        parse_offsets('{"kraken.others":{"0":1004}}', "kraken.trades")


def test_a_spark_that_does_not_tell_is_named_as_what_it_is() -> None:
    """An upgrade may take the method away; the user reads a sentence, and no traceback."""
    other_spark = cast("StreamingQuery", SimpleNamespace(_jsq=SimpleNamespace()))
    with pytest.raises(SparkFailed, match=r"does not tell where the micro-batch ends.*Nothing was"):
        end_offsets(other_spark, "kraken.trades")
