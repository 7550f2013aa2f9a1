import json

from producer.kraken.websocket.requests import PING, parts, subscribe


def test_a_subscription_asks_for_trades_and_a_snapshot() -> None:
    """As WebSocket v2 wants it."""
    assert json.loads(subscribe(["BTC/USD", "ETH/USD"])) == {
        "method": "subscribe",
        "params": {"channel": "trade", "symbol": ["BTC/USD", "ETH/USD"], "snapshot": True},
    }


def test_a_ping_is_kraken_s_own() -> None:
    """Not that of the WebSocket protocol."""
    assert json.loads(PING) == {"method": "ping"}


def test_many_symbols_are_cut_into_parts() -> None:
    """All of them, in order, none too long."""
    cut = list(parts(range(7), 3))
    assert [list(part) for part in cut] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(parts([], 3)) == []
