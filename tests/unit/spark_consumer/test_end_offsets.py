"""Spark's own word on where a batch ends."""

import pytest

from spark_consumer.end_offsets import parse_offsets


def test_end_offsets_are_read_per_partition() -> None:
    """As Spark 4.1.1's Kafka source tells them."""
    told = '{"kraken.trades":{"0":1004,"1":0}}'
    assert parse_offsets(told, "kraken.trades") == {0: 1004, 1: 0}


def test_offsets_of_another_topic_stop_the_stream() -> None:
    """Guessed offsets would lose or double trades."""
    with pytest.raises(KeyError):
        parse_offsets('{"kraken.others":{"0":1004}}', "kraken.trades")
