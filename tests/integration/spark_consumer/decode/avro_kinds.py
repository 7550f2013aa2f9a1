"""A field of every kind of Avro type, and every kind of odd change, with what readers must see."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from schemas.catalogue import load_catalogue

NEWEST = load_catalogue().trade.newest.parsed
AT = datetime(2026, 1, 30, 18, 0, 1, 234567, tzinfo=UTC)
IN_MILLIS = AT.replace(microsecond=234000)
PRICE = Decimal("105433.6")


def logical(kind: str, logical_type: str, **more: Any) -> dict[str, Any]:
    """A type with a logical one."""
    return {"type": kind, "logicalType": logical_type, **more}


def named(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """A type with a name."""
    return {"type": kind, "name": name, **more}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    """A decimal in bytes."""
    return logical("bytes", "decimal", precision=precision, scale=scale)


INNER = named(
    "record", "Inner", fields=[{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]
)


@dataclass(frozen=True)
class Kind:
    """One type: a field's name, its default in JSON, a value, and what readers give for it."""

    name: str
    type: Any
    default: Any
    value: Any
    read: Any = ...

    @property
    def seen(self) -> Any:
        """The value as readers give it."""
        return self.value if self.read is ... else self.read


_ENUM = named("enum", "Kind", symbols=["SPOT", "UNKNOWN"], default="UNKNOWN")
_FIXED = logical("fixed", "decimal", name="Fixed", size=8, precision=16, scale=4)

KINDS = [
    Kind("a_boolean", "boolean", default=False, value=True),
    Kind("an_int", "int", 0, -7),
    Kind("a_long", "long", 0, 2**60),
    Kind("a_float", "float", 0.0, 0.5),
    Kind("a_double", "double", 0.0, 0.1),
    Kind("some_bytes", "bytes", "", b"\x00\xff"),
    Kind("a_string", "string", "", "€ ₿"),
    Kind("a_fixed", named("fixed", "Two", size=2), "\u0000\u0000", b"ab"),
    Kind("an_enum", _ENUM, "SPOT", "UNKNOWN"),
    Kind("an_array", {"type": "array", "items": "string"}, [], ["a", "b"]),
    Kind("a_map", {"type": "map", "values": "long"}, {}, {"a": 1}),
    Kind("a_record", INNER, {"x": 0, "y": ""}, {"x": 1, "y": "z"}),
    Kind("some_records", {"type": "array", "items": "Inner"}, [], [{"x": 1, "y": "z"}]),
    Kind("perhaps_a_string", ["null", "string"], None, "there"),
    Kind("perhaps_nothing", ["null", "string"], None, None),
    Kind("int_or_string", ["int", "string"], 0, "text", {"member0": None, "member1": "text"}),
    Kind("a_decimal", decimal(38, 18), "\u0000", Decimal("0.000000000000000001")),
    Kind("a_fixed_decimal", _FIXED, "\u0000" * 8, Decimal("-1.2345")),
    Kind("a_date", logical("int", "date"), 0, date(2026, 1, 30)),
    Kind("millis_of_day", {"type": "int", "logicalType": "time-millis"}, 0, 1000),
    Kind("micros_of_day", {"type": "long", "logicalType": "time-micros"}, 0, 1000),
    Kind("an_instant", logical("long", "timestamp-micros"), 0, AT),
    Kind("a_millisecond", logical("long", "timestamp-millis"), 0, IN_MILLIS),
    Kind("a_uuid", logical("string", "uuid"), str(UUID(int=0)), UUID(int=5), str(UUID(int=5))),
    # Names that are none of Kafka's, Spark's or the decoder's any more.
    *(
        Kind(name, "string", "", "theirs")
        for name in (
            "is_trade", "unseen_header", "kafka_timestamp", "kafka_value", "kafka_offset", "guard_",
            "decoded_", "event", "guard", "value", "timestamp", "offset", "reason",
        )
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A version that is no reader, made of the newest; and its record.

    Attributes:
        sentence: What it changes.
        fields: Types by name, put in place of the newest's or added, with a default where added.
        removed: Fields taken away.
        values: What its record holds.
        lands: What readers must see of the record; None where it is refused.
        reason: Why it is refused.
    """

    sentence: str
    fields: dict[str, tuple[Any, Any]]
    values: dict[str, Any]
    lands: dict[str, Any] | None
    reason: str = ""
    removed: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """The version."""
        fields = [
            {**field, "type": self.fields[field["name"]][0]}
            if field["name"] in self.fields
            else field
            for field in NEWEST["fields"]
            if field["name"] not in self.removed
        ]
        known = {field["name"] for field in fields}
        fields += [
            {"name": name, "type": kind, "default": default}
            for name, (kind, default) in self.fields.items()
            if name not in known
        ]
        return {**NEWEST, "fields": fields}


_PLAIN = {"price": PRICE}
_WALL_CLOCK = logical("long", "local-timestamp-micros")
_DURATION = logical("fixed", "duration", name="TimeRange", size=12)
_NANOS = logical("long", "timestamp-nanos")
_AT_IN_NANOS = (AT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000

CHANGES = [
    Change("a field gone that had a default", {}, {}, {**_PLAIN, "misc": ""}, removed=("misc",)),
    Change("40 digits", {"fee": (decimal(40, 18), "\u0000")}, {"fee": Decimal(1)}, _PLAIN),
    Change("itself within", {"parent": (["null", "Trade"], None)}, {"parent": None}, _PLAIN),
    Change("always null", {"nothing": ("null", None)}, {"nothing": None}, _PLAIN),
    Change("a time of no zone", {"wall": (_WALL_CLOCK, 0)}, {"wall": 1}, _PLAIN),
    Change("a duration", {"span": (_DURATION, "\u0000" * 12)}, {"span": b"x" * 12}, _PLAIN),
    Change("a price in capitals", {"Price": ("string", "")}, {"Price": "x"}, _PLAIN),
    Change("a symbol in capitals", {"Symbol": ("string", "")}, {"Symbol": "x"}, _PLAIN),
    Change("an hour", {"hour": ("int", 0)}, {"hour": 3}, {**_PLAIN, "hour": 18}),
    Change("a year", {"Year": ("int", 0)}, {"Year": 3}, {**_PLAIN, "year": 2026}),
    Change("prices of scale 8", {"price": (decimal(28, 8), None)}, {}, _PLAIN),
    Change("prices of 38 digits", {"price": (decimal(38, 20), None)}, {}, _PLAIN),
    Change("times in milliseconds", {"executed_at": (logical("long", "timestamp-millis"), None)},
           {"executed_at": IN_MILLIS}, {**_PLAIN, "executed_at": IN_MILLIS}),
    Change("times in nanoseconds", {"executed_at": (_NANOS, None)},
           {"executed_at": _AT_IN_NANOS},
           {**_PLAIN, "executed_at": AT}),
    Change("nanoseconds that are no microseconds", {"executed_at": (_NANOS, None)},
           {"executed_at": _AT_IN_NANOS + 1}, None,
           "value that its column cannot hold exactly"),
    Change("a price of 12 places", {"price": (decimal(28, 12), None)},
           {"price": Decimal("1.123456789012")}, None, "value that its column cannot hold exactly"),
    Change("a price too large", {"price": (decimal(38, 2), None)}, {"price": Decimal(10) ** 20},
           None, "value that its column cannot hold exactly"),
    Change("prices as plain bytes", {"price": ("bytes", None)}, {"price": b"\x01"}, None,
           "schema that the contract refuses"),
    Change("times as plain numbers", {"executed_at": ("long", None)}, {"executed_at": 1}, None,
           "schema that the contract refuses"),
]  # fmt: skip


def with_kinds() -> dict[str, Any]:
    """The newest version with a field of every kind."""
    added = [{"name": kind.name, "type": kind.type, "default": kind.default} for kind in KINDS]
    return {**NEWEST, "fields": [*NEWEST["fields"], *added]}
