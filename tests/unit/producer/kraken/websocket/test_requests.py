import asyncio
import json

from producer.kraken.websocket.requests import PING, PacedRequests, parts, subscribe


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


class Socket:
    """Remembers when each message was sent, on a clock that only waits move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []

    async def send(self, message: str) -> None:
        """Remember the time and the number of symbols."""
        self.sent.append((self.now, len(json.loads(message)["params"]["symbol"])))

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.now += seconds


def test_requests_about_many_symbols_keep_their_distance() -> None:
    """1,400 pairs are 28 requests; a request after a pause is sent at once."""
    socket = Socket()
    requests = PacedRequests(50, 0.25, clock=lambda: socket.now, sleep=socket.sleep)
    symbols = [f"SYN{number}/USD" for number in range(1400)]

    async def session() -> None:
        await requests.send(socket, subscribe, symbols)
        await requests.send(socket, subscribe, symbols[:1])
        socket.now += 10
        await requests.send(socket, subscribe, symbols[:1])

    asyncio.run(session())
    times = [at for at, _ in socket.sent]
    assert times == [0.25 * number for number in range(29)] + [17.0]
    assert [symbols for _, symbols in socket.sent] == [50] * 28 + [1, 1]
