"""Spark's own word on where a batch ends."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError

from spark_consumer.errors import SparkFailed
from spark_consumer.write.end_offsets import end_offsets, parse_offsets

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


def test_end_offsets_are_read_per_partition() -> None:
    """In the form of Spark 4.1.1's Kafka source."""
    text = '{"kraken.trades":{"0":1004,"1":0}}'
    assert parse_offsets(text, "kraken.trades") == {0: 1004, 1: 0}


def test_offsets_of_another_topic_stop_the_stream() -> None:
    """Guessed offsets would lose or double trades."""
    with pytest.raises(KeyError):
        parse_offsets('{"kraken.others":{"0":1004}}', "kraken.trades")


def test_a_spark_that_does_not_tell_is_named_as_what_it_is() -> None:
    """An upgrade may take the method away; the user reads a sentence, and no traceback."""
    other_spark = cast("StreamingQuery", SimpleNamespace(_jsq=SimpleNamespace()))
    with pytest.raises(SparkFailed, match=r"does not give the end offsets.*Nothing was"):
        end_offsets(other_spark, "kraken.trades")


def asked(failure: Exception) -> "StreamingQuery":
    """A query of a JVM that gives this for an answer."""

    def fail() -> None:
        raise failure

    return cast("StreamingQuery", SimpleNamespace(_jsq=SimpleNamespace(streamingQuery=fail)))


def test_a_method_that_java_lacks_is_named_as_what_it_is() -> None:
    """As py4j reports it."""
    with pytest.raises(SparkFailed, match="does not give the end offsets"):
        end_offsets(asked(Py4JError("Method availableOffsets([]) does not exist")), "kraken.trades")


def test_a_jvm_that_ends_is_not_taken_for_another_spark() -> None:
    """The stream reports it in its own words."""
    with pytest.raises(Py4JNetworkError):
        end_offsets(asked(Py4JNetworkError("Answer from Java side is empty")), "kraken.trades")
