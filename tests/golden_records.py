"""Reads the golden records, whose files `schemas.releases.golden` describes."""

import json
from collections.abc import Iterator
from pathlib import Path

from schemas.catalogue import SchemaVersion
from schemas.releases.golden import GoldenRecord
from schemas.releases.released import PROJECT_ROOT, files_of


def load_golden(version: SchemaVersion, root: Path = PROJECT_ROOT) -> list[GoldenRecord]:
    """The golden records of a released version.

    Raises:
        FileNotFoundError: There are none.
        ValueError: The two files do not belong together, or one is cut off.
    """
    files = files_of(version)
    framed = _split((root / files.golden_bytes).read_bytes())
    values = json.loads((root / files.golden_values).read_bytes())["records"]
    return [
        GoldenRecord(entry["name"], value, entry["value"])
        for value, entry in zip(framed, values, strict=True)
    ]


def _split(contents: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(contents):
        length = int.from_bytes(contents[position : position + 4], "big")
        position += 4
        if position + length > len(contents):
            raise ValueError("the file ends within a record")
        yield contents[position : position + length]
        position += length
