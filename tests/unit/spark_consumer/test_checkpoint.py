import pytest

from spark_consumer.checkpoint import parse_offsets

# As Spark 4.1.1 wrote it for the third batch of a run.
OFFSETS = """v1
{"batchWatermarkMs":0,"batchTimestampMs":1764003600000,"conf":{}}
{"kraken.trades":{"0":1004,"1":0}}"""


def test_end_offsets_are_read_per_partition() -> None:
    """The file's third line holds them under the topic's name."""
    assert parse_offsets(OFFSETS, "kraken.trades") == {0: 1004, 1: 0}


@pytest.mark.parametrize("text", ["", "v1", "v2\n{}\n{}", OFFSETS + "\n{}"])
def test_another_form_of_file_is_refused(text: str) -> None:
    """A changed format stops the stream: guessed offsets would lose or double trades."""
    with pytest.raises(ValueError, match="no offset file"):
        parse_offsets(text, "kraken.trades")
