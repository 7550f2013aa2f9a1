"""Read which trades framed values hold, for a program that keeps values and cannot decode them."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from fastavro.schema import SchemaParseException

from producer.kafka.decoder import UNDECODABLE, RecordDecoder
from schemas.avro.wire import HEADER_LENGTH
from schemas.catalogue import load_catalogue
from schemas.errors import SchemaNotFound
from schemas.registry.client import Registry

__all__ = ["as_json", "trade_ids"]

_MOST_UNKNOWN_IDS: Final = 100
"""The most schema ids that may be unknown to the registry: unusable values may hold any number of
them. Each id is asked for once, and once so many are unknown, no new one is asked for."""

TradeId = tuple[str, int]
"""Symbol and trade id."""


def trade_ids(values: Iterable[bytes], registry: Registry) -> Iterator[TradeId | None]:
    """Read the trade in each value, in order; None for a value that cannot be read.

    Raises:
        RegistryError: The registry does not answer.
    """
    decoder = RecordDecoder(registry, load_catalogue().trade)
    known, unknown = set[bytes](), set[bytes]()
    for value in values:
        header = value[:HEADER_LENGTH]
        if header not in known and (header in unknown or len(unknown) >= _MOST_UNKNOWN_IDS):
            yield None
            continue
        try:
            fields = decoder.fields(value)
            known.add(header)
            yield str(fields["symbol"]), int(fields["trade_id"])
        except (SchemaNotFound, SchemaParseException):
            unknown.add(header)
            yield None
        except UNDECODABLE:
            yield None


def as_json(found: Iterable[TradeId | None]) -> str:
    """Return an array with an object, or null, per value."""
    return json.dumps(
        [one and {"symbol": one[0], "trade_id": one[1]} for one in found], ensure_ascii=False
    )
