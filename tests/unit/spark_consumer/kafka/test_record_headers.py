"""Headers that confluent-kafka cannot read, read record by record."""

import json

from lake.log.commit import OffsetRange
from runtime.settings import KafkaSettings
from spark_consumer.kafka.record_bounds import CUT_HEADER
from spark_consumer.kafka.record_reader import RecordReader
from tests.unit.spark_consumer.raw_records import broker, send


def test_a_header_whose_name_is_no_utf8_does_not_stop_the_stream() -> None:
    """The record is read with its value, and a note instead of its headers."""
    with broker() as (host, port):
        for name, value in ((b"lane", b"1"), (b"\xff\xfe", b"2"), (b"lane", b"3")):
            send((host, port), name, value)
        settings = KafkaSettings(bootstrap_servers=f"{host}:{port}", topic="t")
        found = list(RecordReader(settings).read({0: OffsetRange(start=0, end=3)}))
    assert [record.parts.value for record in found] == [b"1", b"2", b"3"]
    assert [record.parts.is_cut for record in found] == [False, True, False]
    assert found[0].parts.headers == [("lane", b"x")]
    ((name, note),) = found[1].parts.headers or ()
    assert name == CUT_HEADER
    assert json.loads(note or b"") == {"headers": {"not read": "a header's name is no UTF-8"}}
