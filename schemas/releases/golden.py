"""Golden records: Kafka values written once, at a version's release, with their decoded values.

There are two files per version. `trade-v1.bin` holds framed records, each after its length as four
bytes big-endian; `trade-v1.json` holds, in the same order, each record's name and values. JSON has
no decimal, instant or bytes type: `plain` defines their form. The schema id in the frames is the
version's number.
"""

import io
import json
import struct
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro

from schemas.avro.wire import frame
from schemas.catalogue import SchemaVersion
from schemas.errors import ReleaseError
from schemas.releases.released import PROJECT_ROOT, files_of
from schemas.releases.samples import sample_records

__all__ = ["GoldenRecord", "encode", "make_golden", "plain", "write_golden"]

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class GoldenRecord:
    """One golden record.

    Attributes:
        name: What it tests: `price 8`.
        framed: The Kafka value, including the header.
        value: The value that every reader must decode, in plain form.
    """

    name: str
    framed: bytes
    value: dict[str, Any]


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that Avro knows
    """Convert a decoded value to JSON, exactly: the same for every reader that decodes correctly.

    Decimals become text without trailing zeros, since readers differ in those; instants become
    ISO 8601 in microseconds; bytes become hexadecimal.
    """
    match value:
        case Decimal():
            digits = format(value, "f")
            return digits.rstrip("0").rstrip(".") if "." in digits else digits
        case datetime():
            return value.isoformat(timespec="microseconds")
        case bytes():
            return value.hex()
        case dict():
            return {name: plain(part) for name, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return value


def encode(version: SchemaVersion, value: dict[str, Any]) -> bytes:
    """Encode one record as plain Avro binary."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, version.parsed, value)
    return buffer.getvalue()


def make_golden(version: SchemaVersion) -> list[GoldenRecord]:
    """Make the golden records of a version that has none yet."""
    return [
        GoldenRecord(name, frame(version.version, encode(version, value)), plain(value))
        for name, value in sample_records(version.parsed)
    ]


def write_golden(version: SchemaVersion, root: Path = PROJECT_ROOT) -> None:
    """Write the two golden files of a version.

    Raises:
        ReleaseError: One of them exists; they are written once.
    """
    files, records = files_of(version), make_golden(version)
    framed = b"".join(_LENGTH.pack(len(record.framed)) + record.framed for record in records)
    values = [{"name": record.name, "value": record.value} for record in records]
    text = json.dumps({"schema": str(version), "records": values}, indent=1, ensure_ascii=True)
    for path in (root / files.golden_bytes, root / files.golden_values):
        if path.exists():
            raise ReleaseError(f"{path} exists; golden records are written once, at the release")
    (root / files.golden_bytes).parent.mkdir(parents=True, exist_ok=True)
    (root / files.golden_bytes).write_bytes(framed)
    (root / files.golden_values).write_text(text + "\n", encoding="utf-8")
