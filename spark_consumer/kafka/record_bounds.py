"""Limits the parts of a Kafka record that are kept, whatever a sender has put into it. Pure.

Kafka limits only a record's compressed size. Ninety megabytes of zeros take three kilobytes with
zstd, and a timestamp can be any 64-bit number. What Spark gets of a record is limited, and a note
beside it says what was cut off.
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
"""The header added to a record that is not kept as it was sent: JSON that says what differs."""

KEPT_BYTES: Final = 65_536
"""Bytes that are kept of the key and of the value of a record that is too large. This is more than
is ever decoded, so no value that was cut can be taken for a trade."""

NOT_READ: Final = "not read"

_EARLIEST_MS: Final = -62_135_596_800_000
_LATEST_MS: Final = 253_402_300_799_999
"""The years 1 to 9999, which all readers of Parquet support."""


@dataclass(frozen=True, slots=True)
class RecordParts:
    """The parts of a record that its sender sets.

    Attributes:
        key: as sent.
        value: as sent.
        timestamp_ms: milliseconds since 1970; -1 if there is none.
        headers: in order; None if there are none.
    """

    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers | None

    @property
    def size(self) -> int:
        """The size of key, value and headers, in bytes."""
        return _length(self.key) + _length(self.value) + self.headers_size

    @property
    def is_cut(self) -> bool:
        """Whether it differs from what was sent."""
        return bool(self.headers) and self.headers[-1][0] == CUT_HEADER  # type: ignore[index]  # it has one

    @property
    def headers_size(self) -> int:
        """The size of the headers, including their names, in bytes."""
        return sum(len(name) + _length(value) for name, value in self.headers or ())


@dataclass(frozen=True, slots=True)
class RecordBounds:
    """The largest record that is kept whole.

    Attributes:
        record_bytes: MAX_RECORD_BYTES: key, value and headers together.
    """

    record_bytes: int

    def kept(self, record: RecordParts) -> RecordParts:
        """Return the record within the limits; the same object if nothing had to be cut.

        Of a value or key that is too long, the first bytes are kept, with its length and SHA-256;
        of headers that are too long, none. A timestamp outside the years 1 to 9999 becomes the
        nearest one inside.
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
    """Make a placeholder for a record that could not be read at all."""
    note = json.dumps({NOT_READ: why}, separators=(",", ":")).encode()
    return RecordParts(None, None, -1, [(CUT_HEADER, note)])


def no_headers(why: str) -> Headers:
    """Make a placeholder for headers that could not be read."""
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
