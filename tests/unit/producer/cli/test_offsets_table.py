import json
from io import StringIO

from rich.console import Console

from producer.cli.offsets_table import as_json, as_table
from runtime.topic_state import TopicState

STATE = TopicState(
    "c1",
    "kraken.trades",
    "t1",
    earliest={0: 5, 1: 0},
    latest={0: 90, 1: 7},
    high_watermark={0: 95, 1: 7},
)


def test_the_table_has_a_row_for_each_partition() -> None:
    """Under the name and the ids of the topic."""
    screen = StringIO()
    Console(file=screen, width=100).print(as_table(STATE))
    output = screen.getvalue()
    assert "kraken.trades (t1) of cluster c1" in output
    assert [line.split() for line in output.strip().splitlines()[-2:]] == [
        ["0", "5", "90"],
        ["1", "0", "7"],
    ]


def test_the_json_names_partitions_as_text() -> None:
    """As JSON has it for keys."""
    assert json.loads(as_json(STATE)) == {
        "cluster_id": "c1",
        "topic": "kraken.trades",
        "topic_id": "t1",
        "earliest": {"0": 5, "1": 0},
        "latest": {"0": 90, "1": 7},
        "high_watermark": {"0": 95, "1": 7},
    }
