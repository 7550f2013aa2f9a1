import json
from datetime import datetime

import pytest

from producer.errors import CursorUnusable
from producer.kafka.cursor_decoder import CursorDecoder
from producer.kafka.serializer import RecordSerializer
from producer.model.cursor import Cursor
from schemas.catalogue import load_catalogue
from schemas.errors import SchemaNotFound
from schemas.registry.client import Registry

CURSOR = load_catalogue().cursor


@pytest.fixture
def cursor(now: datetime) -> Cursor:
    """A cursor with a since that no number type of JSON keeps."""
    return Cursor(
        exchange="KRAKEN",
        symbol="BTC/USD",
        last_trade_id=2**62,
        since="1762820035982277754",
        updated_at=now,
    )


@pytest.fixture
def decoder(registry: Registry) -> CursorDecoder:
    """Decode what the registry knows."""
    return CursorDecoder(registry, CURSOR)


def test_fields_are_those_of_the_newest_schema_in_its_order() -> None:
    """The model and the contract are one."""
    declared = [field["name"] for field in json.loads(CURSOR.newest.text)["fields"]]
    assert list(Cursor.model_fields) == declared


def test_a_cursor_comes_back_as_it_was(
    cursor: Cursor, decoder: CursorDecoder, registry: Registry
) -> None:
    """Encoded as the producer does, decoded as its next start does."""
    (value,) = RecordSerializer(registry, CURSOR, "t.cursors").serialize(cursor.columns)
    assert decoder.decode(value) == cursor


@pytest.mark.parametrize("length", [0, 3, 5, 12])
def test_a_damaged_cursor_is_reported(
    cursor: Cursor, decoder: CursorDecoder, registry: Registry, length: int
) -> None:
    """Starting without it would record trades twice, so nothing starts."""
    (value,) = RecordSerializer(registry, CURSOR, "t.cursors").serialize(cursor.columns)
    with pytest.raises(CursorUnusable, match="cannot be decoded"):
        decoder.decode(value[:length])


def test_a_record_of_another_kind_is_reported(
    decoder: CursorDecoder, registry: Registry, cursor: Cursor
) -> None:
    """A trade's schema id in a cursor's header gives no cursor."""
    trade_id = registry.require("t-value", load_catalogue().trade.newest.text).schema_id
    (value,) = RecordSerializer(registry, CURSOR, "t.cursors").serialize(cursor.columns)
    with pytest.raises(CursorUnusable):
        decoder.decode(b"\x00" + trade_id.to_bytes(4) + value[5:])


def test_an_unknown_schema_is_the_registrys_error(decoder: CursorDecoder) -> None:
    """The message names the registry that does not hold it."""
    with pytest.raises(SchemaNotFound, match="999"):
        decoder.decode(b"\x00" + (999).to_bytes(4) + b"rest")
