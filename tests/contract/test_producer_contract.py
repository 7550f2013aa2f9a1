"""Whether the producer's events are what the newest schemas say, down to the bytes it sends."""

import io
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_type_hints

import fastavro
import pytest

from producer.errors import EncodingFailed, SchemaMissing
from producer.kafka.serializer import RecordSerializer
from producer.model.cursor import Cursor
from producer.model.trade import Trade
from producer.model.units import PRECISION, SCALE, micros_of, units_of
from runtime.settings import RegistrySettings
from schemas.avro.encoding import RecordEncoder
from schemas.avro.wire import frame, unframe
from schemas.catalogue import Contract, SchemaVersion, load_catalogue
from schemas.registry.client import Registry
from tests.golden_records import load_golden

# The event of each record that the catalogue declares.
MODELS: dict[str, type] = {"trade": Trade, "cursor": Cursor}

PYTHON_TYPES = {
    "string": str,
    "long": int,
    "decimal": int,
    "timestamp-micros": (int, datetime),
    "enum": StrEnum,
}


def types(contract: Contract) -> dict[str, type]:
    """The fields of a record's event with their types, in order."""
    model = MODELS[contract.record]
    hints = get_type_hints(model)
    return {name: hints[name] for name in model.__annotations__}


def serializer(contract: Contract, url: str, *, registered: bool = True) -> RecordSerializer:
    """The producer's own serializer, over a registry in this process.

    The registry numbers schemas from 1, so that each version's id is its number.
    """
    registry = Registry(RegistrySettings(url=f"mock://{url}"))
    if registered:
        for version in contract.versions:
            registry.register("golden-value", version.text)
    return RecordSerializer(registry, contract, "golden")


def stored(version: SchemaVersion, framed: bytes) -> list[Any]:
    """The values of a golden record as the producer holds them: decimals and times as numbers."""
    _, payload = unframe(framed)
    values: Any = fastavro.schemaless_reader(io.BytesIO(payload), version.parsed, None)
    return [plain_number(value) for value in values.values()]


def plain_number(value: object) -> object:
    """A value as Avro stores it."""
    match value:
        case Decimal():
            return units_of(value)
        case datetime():
            return micros_of(value)
        case _:
            return value


def test_the_events_have_the_fields_of_the_newest_schema(contract: Contract) -> None:
    """Names and order of the event's fields are the newest schema's, units apart."""
    fields = [field["name"] for field in contract.newest.parsed["fields"]]
    names = [name.removesuffix("_units").replace("_micros", "_at") for name in types(contract)]
    assert names == fields


def test_the_events_have_the_types_of_the_newest_schema(contract: Contract) -> None:
    """Each field of the event has the Python type that its Avro type is written from."""
    for field, python in zip(
        contract.newest.parsed["fields"], types(contract).values(), strict=True
    ):
        declared = field["type"] if isinstance(field["type"], dict) else {"type": field["type"]}
        expected = PYTHON_TYPES[declared.get("logicalType") or declared["type"]]
        assert issubclass(python, expected), field["name"]


def test_the_events_enums_have_the_schemas_symbols(contract: Contract) -> None:
    """An enum of the event has the symbols of the schema, no more and no fewer."""
    for field, python in zip(
        contract.newest.parsed["fields"], types(contract).values(), strict=True
    ):
        if isinstance(field["type"], dict) and field["type"]["type"] == "enum":
            assert [symbol.value for symbol in python] == field["type"]["symbols"], field["name"]


def test_the_events_decimals_fit_the_schemas(contract: Contract) -> None:
    """What the producer counts decimals in, and bounds them to, is what the schema can hold."""
    for field in contract.newest.parsed["fields"]:
        if isinstance(field["type"], dict) and field["type"].get("logicalType") == "decimal":
            assert (field["type"]["precision"], field["type"]["scale"]) == (PRECISION, SCALE)


def test_the_producer_sends_the_golden_bytes(contract: Contract) -> None:
    """What the producer's serializer makes of the golden values is the golden bytes, all of them.

    The header is included; one by one and all together. Golden values go beyond what a trade
    may hold, so none is made of them here.
    """
    serialize = serializer(contract, f"sends-{contract.record}").serialize
    golden = load_golden(contract.newest)
    values = [stored(contract.newest, record.framed) for record in golden]
    for record, one in zip(golden, values, strict=True):
        assert serialize([[value] for value in one]) == [record.framed], record.name
    together = serialize(list(zip(*values, strict=True)))
    assert together == [record.framed for record in golden]


def test_the_encoder_writes_the_golden_bytes_of_every_version(released: SchemaVersion) -> None:
    """Older versions too: to be faster is no way to be right for the newest alone."""
    encoder = RecordEncoder(released.parsed, frame(released.version, b""))
    golden = load_golden(released)
    columns = list(zip(*(stored(released, record.framed) for record in golden), strict=True))
    assert encoder.encode(columns) == [record.framed for record in golden]


def test_the_producer_registers_nothing(contract: Contract) -> None:
    """With its schema not registered, the producer says so and does not register it."""
    sender = serializer(contract, f"empty-{contract.record}", registered=False)
    with pytest.raises(SchemaMissing, match=r"kraken-lake schemas register"):
        sender.check_registered()


def test_a_field_that_the_schema_lacks_is_refused(contract: Contract) -> None:
    """A field more in the model than in the schema fails, it is not dropped in silence."""
    sender = serializer(contract, f"strict-{contract.record}")
    columns = [[value] for value in stored(contract.newest, load_golden(contract.newest)[0].framed)]
    assert sender.serialize(columns)
    with pytest.raises(EncodingFailed, match=f"{len(columns) + 1} columns"):
        sender.serialize([*columns, [1]])


def test_every_record_has_a_model() -> None:
    """A record that the catalogue declares is one that the producer can write."""
    assert {contract.record for contract in load_catalogue()} == MODELS.keys()
