import json
from typing import Any

import pytest

from schemas.avro.conversion import Conversion, NotConvertible, Reading, reading


def decimal(precision: int, scale: int, **more: Any) -> dict[str, Any]:
    """A decimal's type."""
    kind = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return {**kind, **more}


def long(logical: str) -> dict[str, Any]:
    """A long with a logical type."""
    return {"type": "long", "logicalType": logical}


def record(kind: Any, **more: Any) -> str:
    """A record with a field of this type, and one that stays."""
    fields = [{"name": "x", "type": kind, **more}, {"name": "y", "type": "string"}]
    return json.dumps({"type": "record", "name": "R", "fields": fields})


MICROS = long("timestamp-micros")


@pytest.mark.parametrize(
    ("written", "read", "conversion"),
    [
        (decimal(28, 8), decimal(28, 10), Conversion.DECIMAL),
        (decimal(38, 10), decimal(28, 10), Conversion.DECIMAL),
        (["null", decimal(28, 8)], ["null", decimal(28, 10)], Conversion.DECIMAL),
        (
            {**decimal(28, 8), "type": "fixed", "name": "D", "size": 12},
            decimal(28, 10),
            Conversion.DECIMAL,
        ),
        (decimal(28, 10), ["null", decimal(28, 10)], Conversion.NOTHING),
        (long("timestamp-millis"), MICROS, Conversion.NOTHING),
        (MICROS, long("timestamp-millis"), Conversion.NOTHING),
        (long("timestamp-nanos"), MICROS, Conversion.NANOSECONDS),
        ({"type": "string", "logicalType": "uuid"}, "string", Conversion.NOTHING),
    ],
)
def test_a_field_is_read_as_its_writer_meant_it(
    written: Any, read: Any, conversion: Conversion
) -> None:
    """The reader's schema takes the writer's type, and what is left to do is named."""
    how = reading(record(written), record(read))
    assert how.conversions == ({} if conversion is Conversion.NOTHING else {"x": conversion})
    kind = json.loads(how.schema)["fields"][0]["type"]
    bare = written[1] if isinstance(written, list) else written
    assert kind == (["null", bare] if isinstance(read, list) else bare)
    assert json.loads(how.schema)["fields"][1] == {"name": "y", "type": "string"}


@pytest.mark.parametrize(
    ("written", "read", "reason"),
    [
        ("bytes", decimal(28, 10), "x as a plain bytes"),
        ("string", decimal(28, 10), "x as a plain string"),
        (decimal(40, 10), decimal(28, 10), r"x as decimal\(40,10\)"),
        (decimal(4, 10), decimal(28, 10), r"x as decimal\(4,10\)"),
        ("long", MICROS, "x as a plain long"),
        (long("local-timestamp-micros"), MICROS, "x as local-timestamp-micros"),
        (MICROS, "long", "as a plain long"),
        ({"type": "int", "logicalType": "date"}, MICROS, "x as date"),
        (["null", decimal(28, 8), "string"], decimal(28, 10), "x as several types"),
        (
            {"type": "array", "items": decimal(28, 8)},
            {"type": "array", "items": decimal(28, 10)},
            "x as a plain array",
        ),
    ],
)
def test_what_cannot_be_known_is_not_read(written: Any, read: Any, reason: str) -> None:
    """No number is better than a wrong one; the sentence names the field and both types."""
    with pytest.raises(NotConvertible, match=reason):
        reading(record(written), record(read))


def test_the_same_meaning_needs_nothing() -> None:
    """The reader's text is used as it is, whatever else differs."""
    text = record(decimal(28, 10), doc="a price")
    assert reading(record(decimal(28, 10)), text) == Reading(text)


def test_a_field_known_by_an_alias_is_read_by_its_own_type() -> None:
    """And its default, of the reader's type, is not needed."""
    written = record(decimal(28, 8)).replace('"x"', '"px"')
    read = record(decimal(28, 10), aliases=["px"], default="\u0000")
    how = reading(written, read)
    assert how.conversions == {"x": Conversion.DECIMAL}
    assert json.loads(how.schema)["fields"][0] == {
        "name": "x",
        "type": decimal(28, 8),
        "aliases": ["px"],
    }
