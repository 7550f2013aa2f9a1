import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.fake_kraken.market.recording import Recording
from infra.fake_kraken.web import frames
from producer.kraken.websocket.messages import Answer, SignOfLife, SystemStatus, read_message

NOW = datetime(2026, 9, 14, 18, 32, 25, 133594, tzinfo=UTC)


def parsed(frame: str) -> Any:
    """The frame with its numbers as text."""
    return json.loads(frame, parse_float=str, parse_int=str)


def test_a_trade_has_the_digits_of_its_row(recording: Recording) -> None:
    """As JSON numbers, with the time cut to the microsecond."""
    ((frame, numbers),) = frames.updates("BTC/USDT", recording, [0])
    assert numbers == [0]
    assert parsed(frame) == {
        "channel": "trade",
        "type": "update",
        "data": [
            {
                "symbol": "BTC/USDT",
                "side": "buy",
                "price": "105433.60000",
                "qty": "0.00027625",
                "ord_type": "limit",
                "trade_id": "10218208",
                "timestamp": "2025-11-10T17:23:53.971744Z",
            }
        ],
    }


def test_trades_of_one_moment_share_a_frame(recording: Recording) -> None:
    """As one taker's trades do; moments follow each other."""
    sent = [
        parsed(frame.text)["data"] for frame in frames.updates("BTC/USDT", recording, range(1000))
    ]
    assert [int(entry["trade_id"]) for data in sent for entry in data] == list(
        range(10218208, 10219208)
    )
    assert all(len({entry["timestamp"] for entry in data}) == 1 for data in sent)
    assert max(len(data) for data in sent) == 17


def test_a_snapshot_is_one_frame(recording: Recording) -> None:
    """Whatever the times."""
    frame = parsed(frames.snapshot("BTC/USDT", recording, range(950, 1000)))
    assert frame["type"] == "snapshot"
    assert len(frame["data"]) == 50


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (frames.status("maintenance"), SystemStatus("maintenance")),
        (frames.HEARTBEAT, SignOfLife()),
        (frames.pong(NOW), SignOfLife()),
        (frames.acknowledgement("BTC/USD", NOW, with_snapshot=True), Answer("BTC/USD", None)),
        (
            frames.refusal("XBT/USD", NOW),
            Answer("XBT/USD", "Currency pair not supported XBT/USD"),
        ),
        (frames.error("Malformed request", NOW), Answer(None, "Malformed request")),
    ],
)
def test_our_client_understands_the_others(frame: str, message: object) -> None:
    """They read as Kraken's do."""
    assert read_message(frame) == message
