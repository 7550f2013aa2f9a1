"""Makes records that test every field at its extremes, from the schema alone.

Values are Python's, as Avro libraries accept them: Decimal, aware datetime, str for an enum.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from schemas.errors import CatalogueError

__all__ = ["field_values", "sample_records"]

Value = Any
Schema = Any  # a schema as JSON: a name, a list or an object

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = {
    "timestamp-micros": timedelta(microseconds=1),
    "timestamp-millis": timedelta(milliseconds=1),
}

_PRIMITIVES: dict[str, tuple[Value, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (1, 0, -1, 2**31 - 1, -(2**31)),
    "long": (1, 0, -1, 63, 64, -64, -65, 2**31, 2**63 - 1, -(2**63)),
    "float": (0.5, 0.0, -0.5),
    "double": (0.1, 0.0, -0.1, 1.7976931348623157e308, 5e-324),
    "string": ("BTC/USD", "", " ", "\u0000", "€ ₿ 🚀", "x" * 300),
    "bytes": (b"\x01", b"", bytes(range(256))),
}


def sample_records(schema: Schema) -> Iterator[tuple[str, dict[str, Value]]]:
    """Yield named records of a schema: a plain one, then each field at each of its extremes.

    Raises:
        CatalogueError: The schema uses a type that is not supported here.
    """
    values = {field["name"]: field_values(field["type"]) for field in schema["fields"]}
    plain = {name: options[0] for name, options in values.items()}
    yield "plain", plain
    for name, options in values.items():
        for number, value in enumerate(options[1:], start=1):
            yield f"{name} {number}", plain | {name: value}
    yield "all at their last", {name: options[-1] for name, options in values.items()}


def field_values(schema: Schema) -> tuple[Value, ...]:  # noqa: PLR0911 - one answer a kind
    """Return a plain value of a type, then its extremes.

    Raises:
        CatalogueError: The type is not supported here.
    """
    if isinstance(schema, list):
        return tuple(value for branch in schema for value in field_values(branch))
    if isinstance(schema, str):
        return _of_primitive(schema)
    match schema:
        case {"logicalType": "decimal", "precision": int(precision)}:
            return _decimals(precision, schema.get("scale", 0))
        case {"logicalType": str(logical_type)} if logical_type in _TICK:
            return _instants(_TICK[logical_type])
        case {"logicalType": str(logical_type)}:
            raise CatalogueError(f"no sample values are known for {logical_type}; add some here")
        case {"type": "enum"}:
            return tuple(schema["symbols"])
        case {"type": "array"}:
            return (list(field_values(schema["items"])), [])
        case {"type": "map"}:
            return (dict(zip(("one", "two"), field_values(schema["values"]), strict=False)), {})
        case {"type": "record"}:
            return tuple(record for _, record in sample_records(schema))
        case _:
            return _of_primitive(schema["type"])


def _of_primitive(name: str) -> tuple[Value, ...]:
    try:
        return _PRIMITIVES[name]
    except KeyError as error:
        raise CatalogueError(f"no sample values are known for {name}; add some here") from error


def _decimals(precision: int, scale: int) -> tuple[Decimal, ...]:
    largest = 10**precision - 1
    # 127 and 128 are where one byte of the unscaled number becomes two.
    unscaled = (10**scale, 0, 1, -1, 127, 128, -128, -129, largest, -largest)
    return tuple(
        Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -scale)) for number in unscaled
    )


def _instants(tick: timedelta) -> tuple[datetime, ...]:
    return (
        datetime(2025, 11, 10, 17, 26, 40, tzinfo=UTC) + tick,
        _EPOCH,
        _EPOCH - tick,
        datetime(1900, 1, 1, tzinfo=UTC) - tick,
        datetime(1582, 10, 4, tzinfo=UTC),  # the last day of the Julian calendar
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) + tick,
    )
