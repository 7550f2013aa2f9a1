"""Which parts of a Kafka record are kept, whatever a sender has put into it: pure.

Kafka bounds a record as it is compressed. Ninety megabytes of zeros take three kilobytes with
zstd, and a timestamp is any number of 64 bits. What Spark is given of a record has bounds, and what
was cut off is written down beside it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CUT_HEADER",
    "KEPT_BYTES",
    "NOT_READ",
    "Headers",
    "RecordBounds",
    "RecordParts",
    "no_headers",
    "unreadable",
]

Headers = Sequence[tuple[str, bytes | None]]

CUT_HEADER: Final = "kraken-lake.cut"
"""A header added to a record that is not kept as it was sent: JSON that says what differs."""

KEPT_BYTES: Final = 65_536
"""What is kept of the key and of the value of a record that is too large. It is more than is ever
decoded, so that no value which was cut can be taken for a trade."""

NOT_READ: Final = "not read"

_EARLIEST_MS: Final = -62_135_596_800_000
_LATEST_MS: Final = 253_402_300_799_999
"""The years 1 to 9999, which all readers of Parquet know."""


@dataclass(frozen=True, slots=True)
class RecordParts:
    """What a sender decides of a record.

    Attributes:
        key: as sent.
        value: as sent.
        timestamp_ms: milliseconds since 1970; -1 where there is none.
        headers: in order; None for none at all.
    """

    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers | None

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        return _length(self.key) + _length(self.value) + self.headers_size

    @property
    def is_cut(self) -> bool:
        """Whether it is not as it was sent."""
        return bool(self.headers) and self.headers[-1][0] == CUT_HEADER  # type: ignore[index]  # it has one

    @property
    def headers_size(self) -> int:
        """Bytes of the headers, names too."""
        return sum(len(name) + _length(value) for name, value in self.headers or ())


@dataclass(frozen=True, slots=True)
class RecordBounds:
    """How large a record may be to be kept whole.

    Attributes:
        record_bytes: key, value and headers together, MAX_RECORD_BYTES.
    """

    record_bytes: int

    def kept(self, record: RecordParts) -> RecordParts:
        """The record, or the same object where nothing had to be cut.

        Of a value or key that is too long the head is kept, with its length and SHA-256; of
        headers that are too long none. A timestamp that is in no calendar becomes the nearest that
        is in one.
        """
        timestamp = min(max(record.timestamp_ms, _EARLIEST_MS), _LATEST_MS)
        is_small = record.size <= self.record_bytes
        if is_small and timestamp == record.timestamp_ms:
            return record
        differs: dict[str, object] = {}
        key, value, headers = record.key, record.value, record.headers
        if timestamp != record.timestamp_ms:
            differs["timestamp_ms"] = record.timestamp_ms
        if not is_small:
            key = _head(record.key, "key", differs)
            value = _head(record.value, "value", differs)
            if record.headers_size > KEPT_BYTES:
                differs["headers"] = {
                    "count": len(record.headers or ()),
                    "bytes": record.headers_size,
                }
                headers = None
        note = json.dumps(differs, separators=(",", ":")).encode()
        return RecordParts(key, value, timestamp, [*(headers or ()), (CUT_HEADER, note)])


def unreadable(why: str) -> RecordParts:
    """What stands for a record of which nothing could be read."""
    note = json.dumps({NOT_READ: why}, separators=(",", ":")).encode()
    return RecordParts(None, None, -1, [(CUT_HEADER, note)])


def no_headers(why: str) -> Headers:
    """What stands for headers that could not be read."""
    note = json.dumps({"headers": {NOT_READ: why}}, separators=(",", ":")).encode()
    return [(CUT_HEADER, note)]


def _head(part: bytes | None, name: str, differs: dict[str, object]) -> bytes | None:
    if part is None or len(part) <= KEPT_BYTES:
        return part
    digest = hashlib.sha256(part).hexdigest()
    differs[name] = {"bytes": len(part), "kept": KEPT_BYTES, "sha256": digest}
    return part[:KEPT_BYTES]


def _length(part: bytes | None) -> int:
    return 0 if part is None else len(part)
