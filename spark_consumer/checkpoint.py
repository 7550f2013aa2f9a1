"""Spark's own checkpoint of one run, from which only a batch's end offsets are read.

Spark writes `offsets/N` before it runs batch N. The file is the exact end: the highest offset of
a row plus one is not, since the control records of transactions take offsets too.
"""

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["end_offsets", "parse_offsets"]


def end_offsets(checkpoint: Path, batch_id: int, topic: str) -> Mapping[int, int]:
    """The offset after the last one of a batch, per partition of the topic."""
    text = (checkpoint / "offsets" / str(batch_id)).read_text(encoding="utf-8")
    return parse_offsets(text, topic)


def parse_offsets(text: str, topic: str) -> Mapping[int, int]:
    """The content of an `offsets/N` file of a query with this one source.

    It has a version line, a line of metadata, and a line a source such as
    `{"kraken.trades":{"0":1004,"1":0}}`.

    Raises:
        ValueError: it is none.
    """
    lines = text.splitlines()
    if lines[:1] != ["v1"] or len(lines) != 3:  # noqa: PLR2004 - the three lines named above
        raise ValueError(f"no offset file of a query with one source: {text[:200]!r}")
    return {int(partition): offset for partition, offset in json.loads(lines[2])[topic].items()}
