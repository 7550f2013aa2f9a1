"""What is kept of a record that holds more than a reader bears."""

import hashlib
import json

import pytest

from spark_consumer.kafka.record_bounds import CUT_HEADER, KEPT_BYTES, RecordBounds, RecordParts

BOUNDS = RecordBounds(record_bytes=200_000)
LARGE = b"x" * 200_000


def note(record: RecordParts) -> object:
    """What the header says that differs."""
    name, value = (record.headers or [("", None)])[-1]
    assert name == CUT_HEADER
    return json.loads(value or b"")


def test_a_record_within_its_bounds_is_kept_as_it_is() -> None:
    """To the last byte, and a record without a timestamp too."""
    for record in (
        RecordParts(b"k", LARGE[:-2], 0, None),
        RecordParts(None, None, -1, [("lane", b"live"), ("lane", None)]),
    ):
        assert BOUNDS.kept(record) is record
        assert not record.is_cut


def test_of_a_large_value_the_head_the_length_and_the_checksum_are_kept() -> None:
    """Key and headers that are small stay whole."""
    kept = BOUNDS.kept(RecordParts(b"k", LARGE, 5, [("lane", b"live")]))
    assert (kept.key, kept.value, kept.timestamp_ms) == (b"k", LARGE[:KEPT_BYTES], 5)
    assert kept.headers is not None
    assert kept.headers[0] == ("lane", b"live")
    digest = hashlib.sha256(LARGE).hexdigest()
    assert note(kept) == {"value": {"bytes": 200_000, "kept": KEPT_BYTES, "sha256": digest}}
    assert kept.is_cut


def test_a_good_value_under_a_large_key_or_header_stays_whole() -> None:
    """It is a trade, whatever other headers the sender has added."""
    kept = BOUNDS.kept(RecordParts(LARGE, b"trade", 5, [("h", LARGE), ("i", None)]))
    assert kept.value == b"trade"
    assert kept.key == LARGE[:KEPT_BYTES]
    assert kept.headers is not None
    assert [name for name, _ in kept.headers] == [CUT_HEADER]
    assert note(kept) == {
        "key": {
            "bytes": 200_000,
            "kept": KEPT_BYTES,
            "sha256": hashlib.sha256(LARGE).hexdigest(),
        },
        "headers": {"count": 2, "bytes": 200_002},
    }


@pytest.mark.parametrize(
    ("timestamp", "nearest"),
    [
        (1_769_793_600_000_000_000, 253_402_300_799_999),
        (2**63 - 1, 253_402_300_799_999),
        (-(2**63), -62_135_596_800_000),
    ],
)
def test_a_timestamp_in_no_calendar_becomes_the_nearest_and_is_kept(
    timestamp: int, nearest: int
) -> None:
    """Nanoseconds given as milliseconds, and both ends of 64 bits."""
    kept = BOUNDS.kept(RecordParts(b"k", b"v", timestamp, None))
    assert (kept.value, kept.timestamp_ms) == (b"v", nearest)
    assert note(kept) == {"timestamp_ms": timestamp}
