"""Whether the producer's events are what the newest schemas say, down to the bytes it sends."""

import io
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import fastavro
import pytest
from pydantic import AwareDatetime, BaseModel

from producer.cursor import Cursor
from producer.errors import EncodingFailed, SchemaMissing
from producer.serializer import RecordSerializer
from producer.trade import PRECISION, SCALE, Trade
from schemas.catalogue import Contract, load_catalogue
from schemas.golden import load_golden
from schemas.registry import Registry
from schemas.settings import RegistrySettings
from schemas.wire import unframe

# The event model of each record that the catalogue declares.
MODELS: dict[str, type[BaseModel]] = {"trade": Trade, "cursor": Cursor}

PYTHON_TYPES = {
    "string": str,
    "long": int,
    "decimal": Decimal,
    "timestamp-micros": (datetime, AwareDatetime),
    "enum": StrEnum,
}


def serializer(contract: Contract, url: str, *, registered: bool = True) -> RecordSerializer:
    """The producer's own serializer, over a registry in this process.

    The registry numbers schemas from 1, so that each version's id is its number.
    """
    registry = Registry(RegistrySettings(url=f"mock://{url}"))
    if registered:
        for version in contract.versions:
            registry.register("golden-value", version.text)
    return RecordSerializer(registry, contract, "golden")


def decoded(contract: Contract, framed: bytes) -> dict[str, Any]:
    """The values of a golden record of the newest version."""
    _, payload = unframe(framed)
    values: Any = fastavro.schemaless_reader(io.BytesIO(payload), contract.newest.parsed, None)
    return dict(values)


def test_the_model_has_the_fields_of_the_newest_schema(contract: Contract) -> None:
    """Names and order of the event model's fields are the newest schema's."""
    fields = [field["name"] for field in contract.newest.parsed["fields"]]
    assert list(MODELS[contract.record].model_fields) == fields


def test_the_model_has_the_types_of_the_newest_schema(contract: Contract) -> None:
    """Each field of the model has the Python type that its Avro type is written from."""
    for field in contract.newest.parsed["fields"]:
        declared = field["type"] if isinstance(field["type"], dict) else {"type": field["type"]}
        python = MODELS[contract.record].model_fields[field["name"]].annotation
        expected = PYTHON_TYPES[declared.get("logicalType") or declared["type"]]
        assert isinstance(python, type), field["name"]
        assert issubclass(python, expected), field["name"]


def test_the_models_enums_have_the_schemas_symbols(contract: Contract) -> None:
    """An enum of the model has the symbols of the schema, no more and no fewer."""
    for field in contract.newest.parsed["fields"]:
        if isinstance(field["type"], dict) and field["type"]["type"] == "enum":
            python: Any = MODELS[contract.record].model_fields[field["name"]].annotation
            assert [symbol.value for symbol in python] == field["type"]["symbols"], field["name"]


def test_the_models_decimals_fit_the_schemas(contract: Contract) -> None:
    """What the model rounds and bounds decimals to is what the schema can hold."""
    for field in contract.newest.parsed["fields"]:
        if isinstance(field["type"], dict) and field["type"].get("logicalType") == "decimal":
            assert (field["type"]["precision"], field["type"]["scale"]) == (PRECISION, SCALE)


def test_the_producer_sends_the_golden_bytes(contract: Contract) -> None:
    """What the producer's serializer makes of the golden values is the golden bytes, all of them.

    The header is included. Golden values go beyond what the model lets through, so it is not
    asked to check them here.
    """
    serialize = serializer(contract, f"sends-{contract.record}").serialize
    for record in load_golden(contract.newest):
        values = decoded(contract, record.framed)
        event = MODELS[contract.record].model_construct(**values)
        assert serialize(event) == record.framed, record.name


def test_the_producer_registers_nothing(contract: Contract) -> None:
    """With its schema not registered, the producer says so and does not register it."""
    sender = serializer(contract, f"empty-{contract.record}", registered=False)
    with pytest.raises(SchemaMissing, match=r"python -m schemas register"):
        sender.check_registered()


def test_a_field_that_the_schema_lacks_is_refused(contract: Contract) -> None:
    """A field more in the model than in the schema fails, it is not dropped in silence."""
    sender = serializer(contract, f"strict-{contract.record}")
    values = decoded(contract, load_golden(contract.newest)[0].framed)
    event = MODELS[contract.record].model_construct(**values)
    assert sender.serialize(event)
    event.__dict__["surplus"] = 1
    with pytest.raises(EncodingFailed, match="surplus"):
        sender.serialize(event)


def test_every_record_has_a_model() -> None:
    """A record that the catalogue declares is one that the producer can write."""
    assert {contract.record for contract in load_catalogue()} == MODELS.keys()
