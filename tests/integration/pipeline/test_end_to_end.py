import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.embedded import EmbeddedStack
from infra.fake_kraken import DEFAULT_RECORDING, Fault, FaultKind, ReplayServer
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from tests.integration.pipeline.conftest import land, listed, produce
from tests.integration.producer.conftest import Reader

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

COLUMNS = (
    "trade_id, price::VARCHAR, volume::VARCHAR, side, order_type, misc, "
    "epoch_us(executed_at), exchange, symbol"
)


def recorded_rows() -> list[tuple[Any, ...]]:
    """The recorded page as the lake must show it, computed from its text without our own code."""
    body = json.loads(DEFAULT_RECORDING.read_text(), parse_float=Decimal)
    (rows,) = (rows for key, rows in body["result"].items() if key != "last")
    sides, order_types = {"b": "BUY", "s": "SELL"}, {"m": "MARKET", "l": "LIMIT"}
    return [
        (
            trade_id,
            f"{Decimal(price):.10f}",
            f"{Decimal(volume):.10f}",
            sides[side],
            order_types[kind],
            misc,
            int(time * 1_000_000),
            "KRAKEN",
            "BTC_USDT",
        )
        for price, volume, time, side, kind, misc, trade_id in rows
    ]


def test_the_lake_equals_the_recorded_page_row_for_row(
    lake_environment: dict[str, str], tmp_path: Path
) -> None:
    """Every digit, side, type, id and microsecond; and each program again adds nothing."""
    lake = tmp_path / "data"
    produce(lake_environment)
    land(lake_environment)
    expected = recorded_rows()
    assert len(expected) == 1000
    assert listed(lake / "KRAKEN", COLUMNS) == expected
    files = sorted(path for path in (lake / "KRAKEN").rglob("*") if path.is_file())
    first_hour = lake / "KRAKEN/year=2025/month=11/day=10/hour=17/symbol=BTC_USDT"
    assert files[0].parent == first_hour
    assert all(path.match("part-*.parquet") for path in files)
    produce(lake_environment)
    land(lake_environment)
    assert sorted(path for path in (lake / "KRAKEN").rglob("*") if path.is_file()) == files


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RATE_LIMIT,
        FaultKind.UNAVAILABLE,
        FaultKind.HTTP_429,
        FaultKind.HTTP_503,
        FaultKind.HTTP_520,
        FaultKind.RUBBISH,
        FaultKind.SLOW,
        FaultKind.CUT,
        FaultKind.REPEAT,
        FaultKind.JUMP,
    ],
)
def test_whatever_kraken_does_the_same_trades_are_there_in_the_end(
    environment: dict[str, str],
    stack: EmbeddedStack,
    registry: Registry,
    replay_server: ReplayServer,
    kind: FaultKind,
) -> None:
    """Kraken's fault strikes once in each of two runs of the producer, and changes no record."""
    for _ in range(2):
        replay_server.plan.add([Fault(kind=kind, seconds=1.0)])
        produce(environment)
    trades = Reader(stack.bootstrap_servers, registry).values(environment["KAFKA_TOPIC"])
    # What a jump of the exchange's cursor left out comes after what it jumped to.
    assert sorted(as_listed(trade) for trade in trades) == recorded_rows()


def as_listed(trade: dict[str, Any]) -> tuple[Any, ...]:
    """A record as its row is shown in the lake."""
    return (
        trade["trade_id"],
        f"{trade['price']:.10f}",
        f"{trade['volume']:.10f}",
        trade["side"],
        trade["order_type"],
        trade["misc"],
        (trade["executed_at"] - EPOCH) // timedelta(microseconds=1),
        trade["exchange"],
        trade["symbol"].replace("/", "_"),
    )


def test_all_settings_of_the_mission_are_obeyed(
    lake_environment: dict[str, str], tmp_path: Path, registry: Registry
) -> None:
    """Topic, exchange, symbol, pair, path, app name, poll interval, broker and Kraken's address."""
    settings = {
        **lake_environment,  # KRAKEN_API_URL and KAFKA_BOOTSTRAP_SERVERS are the test's own
        "KRAKEN_PAIR": "XBTUSDT",
        "POLL_INTERVAL_SECONDS": "0.25",
        "KAFKA_TOPIC": f"{lake_environment['KAFKA_TOPIC']}.renamed",
        "SPARK_APP_NAME": "another-name",
        "BASE_OUTPUT_PATH": str(tmp_path / "elsewhere"),
        "EXCHANGE": "KRAKEN_EU",
        "SYMBOL": "XBT_TETHER",
    }
    apply_plan(plan_registration(load_catalogue(), settings["KAFKA_TOPIC"], registry), registry)
    produce(settings)
    land(settings, cwd=tmp_path)
    rows = listed(tmp_path / "elsewhere" / "KRAKEN_EU", COLUMNS)
    assert rows == [(*row[:7], "KRAKEN_EU", "XBT_TETHER") for row in recorded_rows()]
    (commit,) = (tmp_path / "elsewhere" / "_platform" / "KRAKEN_EU" / "commits").glob("0*.json")
    assert json.loads(commit.read_text())["source"]["topic"] == settings["KAFKA_TOPIC"]
    assert not (tmp_path / "data").exists()
