"""Random valid trades: the producer's own encoder against the one that Confluent ships."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given
from hypothesis import strategies as st

from producer.kafka.serializer import RecordSerializer
from producer.model.trade import Feed, OrderType, Side, Trade
from producer.model.trade_batch import TradeBatch
from producer.model.units import micros_of
from runtime.settings import RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry

TRADE = load_catalogue().trade
CONTEXT = SerializationContext("random", MessageField.VALUE)

units = st.integers(1, 10**28 - 1) | st.integers(1, 10**17)
moments = st.datetimes(datetime(2009, 1, 3), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis takes bounds without a zone
micros = moments.map(micros_of)
trades = st.builds(
    Trade,
    exchange=st.just("KRAKEN") | st.text(min_size=1, max_size=8),
    symbol=st.sampled_from(["BTC/USD", "ETH/EUR"]),
    trade_id=st.integers(1, 2**63 - 1) | st.integers(1, 10**8),
    price_units=units,
    volume_units=units,
    side=st.sampled_from(Side),
    order_type=st.sampled_from(OrderType),
    misc=st.just("") | st.text(max_size=8),
    executed_micros=micros,
    ingested_micros=micros,
    feed=st.sampled_from(Feed),
)


@cache
def serializers() -> tuple[RecordSerializer, AvroSerializer]:
    """Ours and Confluent's, over one registry in this process."""
    registry = Registry(RegistrySettings(url="mock://random"))
    registry.register("random-value", TRADE.newest.text)
    confluent = AvroSerializer(
        registry.client,
        TRADE.newest.text,
        conf={"auto.register.schemas": False, "subject.name.strategy.type": "TOPIC"},
    )
    return RecordSerializer(registry, TRADE, "random"), confluent


def fields(trade: Trade) -> dict[str, Any]:
    """A trade as Confluent's serializer takes it: decimals, times, names."""
    return {field["name"]: getattr(trade, field["name"]) for field in TRADE.newest.parsed["fields"]}


@given(st.lists(trades, min_size=1, max_size=6))
def test_trades_are_written_as_confluents_serializer_writes_them(many: list[Trade]) -> None:
    """Byte for byte, header included, alone and among others."""
    ours, confluent = serializers()
    expected = [confluent(fields(trade), CONTEXT) for trade in many]
    assert ours.serialize(TradeBatch.of(many).columns) == expected
    assert [ours.serialize(TradeBatch.of([trade]).columns)[0] for trade in many] == expected
