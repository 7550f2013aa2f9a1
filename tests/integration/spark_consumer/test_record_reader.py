"""Reading a range of offsets record by record, from a real broker."""

from confluent_kafka import Producer

from lake.log.commit import OffsetRange
from spark_consumer.kafka.record_bounds import NOT_READ
from spark_consumer.kafka.record_reader import PlacedRecord, RecordReader
from tests.integration.spark_consumer.conftest import Pipeline

BOUND = 1_000_000


def test_committed_records_of_a_range_are_read_and_large_batches_are_named(
    pipeline: Pipeline,
) -> None:
    """Aborted records are not, nor what lies outside; a batch that is too large is, by offsets."""
    topic = pipeline.kafka.topic
    producer = Producer(
        {
            **pipeline.kafka.client_config(),
            "transactional.id": f"{topic}.reader",
            "compression.type": "zstd",
            "message.max.bytes": 100_000_000,
            "batch.size": 100_000_000,
            "linger.ms": 300,
        }
    )
    producer.init_transactions()

    def transact(*values: bytes, commit: bool = True) -> None:
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value, b"k", partition=0, headers=[("h", None)], timestamp=5)
        producer.flush()
        producer.commit_transaction() if commit else producer.abort_transaction()

    transact(b"0", b"1")  # and a control record at 2, as behind each
    transact(b"3", commit=False)
    transact(*[bytes(2 * BOUND)] * 5)  # 5 to 9, one batch
    transact(b"11")
    transact(b"13", commit=False)
    transact(b"15")
    reader = RecordReader(pipeline.kafka, batch_bytes=BOUND)
    read = list(reader.read({0: OffsetRange(start=1, end=15), 1: OffsetRange(start=0, end=0)}))
    assert [(one.offset, one.parts.value) for one in read if one.parts.value] == [
        (1, b"1"),
        (11, b"11"),
    ]
    assert read[0] == PlacedRecord(0, 1, read[0].parts)
    assert (read[0].parts.key, read[0].parts.timestamp_ms) == (b"k", 5)
    assert read[0].parts.headers == [("h", None)]
    unread = [one for one in read if one.parts.value is None]
    assert [one.offset for one in unread] == [5, 6, 7, 8, 9]
    assert all(NOT_READ.encode() in (one.parts.headers or [("", b"")])[0][1] for one in unread)  # type: ignore[operator]  # it has bytes
