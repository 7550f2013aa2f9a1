from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import fastavro
import pytest

from producer.errors import EncodingFailed, SchemaMissing
from producer.serializer import RecordSerializer
from producer.trade import Trade
from schemas.catalogue import load_catalogue
from schemas.registry import Registry
from schemas.wire import unframe

TRADE = load_catalogue().trade


@pytest.fixture
def serializer(registry: Registry) -> RecordSerializer:
    """For trades of the topic `t`."""
    return RecordSerializer(registry, TRADE, "t")


def test_a_trade_comes_back_as_it_was(
    serializer: RecordSerializer, registry: Registry, trades: Callable[..., list[Trade]]
) -> None:
    """Framed with the id of the registered schema, every digit and microsecond kept."""
    (trade,) = trades([10218208])
    schema_id, payload = unframe(serializer.serialize(trade))
    assert registry.schema_text(schema_id) == TRADE.newest.text
    schema = fastavro.parse_schema(TRADE.newest.parsed)
    assert fastavro.schemaless_reader(BytesIO(payload), schema) == dict(trade)


def test_an_unregistered_schema_is_told_with_the_remedy(registry: Registry) -> None:
    """Nothing is registered on the way."""
    serializer = RecordSerializer(registry, TRADE, "other")
    with pytest.raises(SchemaMissing, match=r"other-value.*make register-schemas"):
        serializer.check_registered()
    assert registry.find("other-value", TRADE.newest.text) is None


def test_a_registered_schema_passes(serializer: RecordSerializer) -> None:
    """No error is no error."""
    serializer.check_registered()


def test_the_registry_is_not_needed_once_the_schema_was_found(
    serializer: RecordSerializer,
    registry: Registry,
    trades: Callable[..., list[Trade]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A registry that goes away after the start does not stop the producer."""
    serializer.check_registered()

    def gone(*_: object, **__: object) -> None:
        raise ConnectionError

    for call in ("register_schema", "get_schema", "get_version", "get_latest_version"):
        monkeypatch.setattr(registry.client, call, gone)
    assert serializer.serialize(trades([1])[0])


def test_a_field_that_the_schema_does_not_have_is_refused(
    serializer: RecordSerializer, trades: Callable[..., list[Trade]]
) -> None:
    """Nothing is dropped in silence."""

    class WiderTrade(Trade):
        extra: str = "x"

    wider = WiderTrade(**dict(trades([1])[0]))
    with pytest.raises(EncodingFailed, match="extra"):
        serializer.serialize(wider)


def test_a_number_that_the_schema_cannot_hold_is_refused(
    serializer: RecordSerializer, trades: Callable[..., list[Trade]]
) -> None:
    """No digit is rounded away."""
    trade = trades([1])[0].model_copy(update={"price": Decimal("0.00000000001")})
    with pytest.raises(EncodingFailed):
        serializer.serialize(trade)
