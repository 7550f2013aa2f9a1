"""Which trades framed values hold, for a program that keeps such values and cannot decode them."""

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
"""The registry is asked for each schema id once, and not for more that it does not know: values of
no use hold any number of them."""

TradeId = tuple[str, int]
"""Symbol and trade id."""


def trade_ids(values: Iterable[bytes], registry: Registry) -> Iterator[TradeId | None]:
    """The trade in each value, in their order; None where there is none that can be read.

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
    """An array with an object a value, or null."""
    return json.dumps(
        [one and {"symbol": one[0], "trade_id": one[1]} for one in found], ensure_ascii=False
    )
