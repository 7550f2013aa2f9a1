from collections.abc import Callable
from io import BytesIO

import fastavro
import pytest
import structlog

from producer.errors import EncodingFailed, SchemaMissing
from producer.kafka.serializer import RecordSerializer
from producer.model.trade import Trade
from producer.model.trade_batch import TradeBatch
from runtime.settings import RegistrySettings
from schemas.avro.wire import unframe
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from tests.confluent_registry.server import serve_registry

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
    (value,) = serializer.serialize(TradeBatch.of([trade]).columns)
    schema_id, payload = unframe(value)
    assert registry.schema_text(schema_id) == TRADE.newest.text
    schema = fastavro.parse_schema(TRADE.newest.parsed)
    fields = fastavro.schemaless_reader(BytesIO(payload), schema)
    assert fields == {field: getattr(trade, field) for field in fields}


def test_an_unregistered_schema_is_reported_with_the_remedy(registry: Registry) -> None:
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
    assert len(serializer.serialize(TradeBatch.of(trades([1, 2])).columns)) == 2


def test_a_field_that_the_schema_does_not_have_is_refused(
    serializer: RecordSerializer, trades: Callable[..., list[Trade]]
) -> None:
    """Nothing is dropped in silence."""
    with pytest.raises(EncodingFailed, match="12 columns for 11 fields"):
        serializer.serialize([*TradeBatch.of(trades([1])).columns, ["x"]])


def test_a_number_that_the_schema_cannot_hold_is_refused(
    serializer: RecordSerializer, trades: Callable[..., list[Trade]]
) -> None:
    """The message names the field."""
    columns = [*TradeBatch.of(trades([1])).columns]
    columns[3] = [10**28]
    with pytest.raises(EncodingFailed, match=r"price: .* more than 28 digits"):
        serializer.serialize(columns)


def test_rules_of_others_are_reported_at_start() -> None:
    """Confluent's serializers enforce them; this one does not, and logs that."""
    rule = {"name": "small", "kind": "CONDITION", "type": "CEL", "mode": "WRITE", "expr": "false"}
    with serve_registry() as genuine, structlog.testing.capture_logs() as lines:
        registry = Registry(RegistrySettings(url=genuine.url))
        registry.register("s-value", TRADE.newest.text, {"ruleSet": {"domainRules": [rule]}})
        RecordSerializer(registry, TRADE, "s").check_registered()
    (warning,) = [line for line in lines if line["event"] == "rules_not_enforced"]
    assert (warning["subject"], warning["rules"]) == ("s-value", ["small (CEL, WRITE)"])


def test_an_association_is_followed() -> None:
    """The schema is looked for under the subject that the registry ties to the topic."""
    with serve_registry() as genuine:
        registry = Registry(RegistrySettings(url=genuine.url))
        registry.register("desk.trade", TRADE.newest.text)
        genuine.store.associations.append(
            {
                "resourceName": "s",
                "resourceNamespace": "c",
                "associationType": "value",
                "subject": "desk.trade",
            }
        )
        RecordSerializer(registry, TRADE, "s").check_registered()
