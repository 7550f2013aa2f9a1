"""A plain WebSocket client, which listens to the stand-in."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from infra.fake_kraken import ReplayServer

PATIENCE_SECONDS = 60.0
SYMBOL = "SYN1/USDT"


@contextmanager
def subscribed(server: ReplayServer, *symbols: str) -> Iterator[ClientConnection]:
    """A connection that has asked for trades."""
    with connect(server.websocket_url, compression=None, close_timeout=1) as socket:
        ask(socket, *(symbols or (SYMBOL,)))
        yield socket


def ask(socket: ClientConnection, *symbols: str, snapshot: bool = True) -> None:
    """Subscribe."""
    params = {"channel": "trade", "symbol": [*symbols], "snapshot": snapshot}
    socket.send(json.dumps({"method": "subscribe", "params": params}))


def received(socket: ClientConnection, enough: Callable[[list[Any]], bool]) -> list[Any]:
    """What has come once it is enough."""
    messages: list[Any] = []
    while not enough(messages):
        messages.append(json.loads(socket.recv(PATIENCE_SECONDS)))
    return messages


def ids(messages: list[Any], kind: str = "update") -> list[int]:
    """The trade ids of the messages, in the order in which they came."""
    return [
        entry["trade_id"]
        for message in messages
        if message.get("channel") == "trade" and message["type"] == kind
        for entry in message["data"]
    ]
