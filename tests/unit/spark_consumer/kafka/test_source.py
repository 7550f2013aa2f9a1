import pytest

from lake.log.commit import Source
from lake.log.source_state import SourceState
from spark_consumer.errors import OffsetsGone, SourceReplaced
from spark_consumer.kafka.source import Acceptance, start_offsets

SOURCE = Source(cluster_id="c1", topic="kraken.trades", topic_id="t1")
TOPIC = SourceState(source=SOURCE, earliest={0: 0, 1: 3}, latest={0: 100, 1: 50})
NOTHING = Acceptance()


def test_the_lag_is_all_that_lies_beyond_a_position() -> None:
    """Over all partitions, also those that the position does not know."""
    assert TOPIC.lag({0: 60}) == 40 + 50
    assert TOPIC.lag(TOPIC.latest) == 0


def test_a_new_lake_starts_at_the_first_record_held() -> None:
    """Every partition from the earliest offset that Kafka still has."""
    assert start_offsets(TOPIC, None, {}, NOTHING) == {0: 0, 1: 3}


def test_a_lake_goes_on_from_its_log() -> None:
    """The position of the commit log; a partition that is new to it from its first record."""
    grown = SourceState(source=SOURCE, earliest={0: 0, 1: 3, 2: 0}, latest={0: 100, 1: 50, 2: 5})
    assert start_offsets(grown, SOURCE, {0: 60, 1: 9}, NOTHING) == {0: 60, 1: 9, 2: 0}


@pytest.mark.parametrize(
    ("source", "position"),
    [
        (SOURCE.model_copy(update={"cluster_id": "c2"}), {0: 60}),
        (SOURCE.model_copy(update={"topic_id": "t2"}), {0: 60}),
        (SOURCE.model_copy(update={"topic": "other"}), {0: 60}),
        (SOURCE, {0: 101}),
        (SOURCE, {7: 1}),
    ],
)
def test_a_topic_made_anew_stops_the_stream(source: Source, position: dict[int, int]) -> None:
    """Another cluster, topic or an end before the position: the error names the way on."""
    with pytest.raises(SourceReplaced, match="--accept-new-kafka"):
        start_offsets(TOPIC, source, position, NOTHING)
    accepted = start_offsets(TOPIC, source, position, Acceptance(new_kafka=True))
    assert accepted == {0: 0, 1: 3}


def test_accepting_a_new_kafka_changes_nothing_while_it_is_the_old_one() -> None:
    """The flag left in place does not make the stream read everything again."""
    assert start_offsets(TOPIC, SOURCE, {0: 60, 1: 9}, Acceptance(new_kafka=True)) == {0: 60, 1: 9}


def test_records_deleted_before_they_landed_are_reported() -> None:
    """The error names partition and offsets; going on without them is a choice."""
    with pytest.raises(OffsetsGone, match=r"\{1: \(1, 2\)\}"):
        start_offsets(TOPIC, SOURCE, {0: 60, 1: 1}, NOTHING)
    with pytest.raises(OffsetsGone, match=r"\{1: \(0, 2\)\}"):
        start_offsets(TOPIC, SOURCE, {0: 60}, NOTHING)
    skipping = start_offsets(TOPIC, SOURCE, {0: 60, 1: 1}, Acceptance(deleted_records=True))
    assert skipping == {0: 60, 1: 3}
