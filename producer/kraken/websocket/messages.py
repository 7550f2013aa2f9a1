"""The messages of Kraken's WebSocket v2, frame by frame. Pure.

{"channel":"status","type":"update","data":[{"system":"online", ...}]}
{"channel":"heartbeat"}
{"channel":"trade","type":"snapshot","data":[ENTRY, ...]}        or "update"
{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true, ...}
{"method":"subscribe","symbol":"XBT/USD","success":false,"error":"Currency pair not ..."}
{"method":"unsubscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true, ...}
{"method":"pong", ...}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producer.kraken.json_text import read_json
from producer.model.venue_errors import AnswerMalformed

__all__ = [
    "Answer",
    "Entries",
    "Message",
    "SignOfLife",
    "SystemStatus",
    "Unsubscribed",
    "read_message",
]

_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """The state of Kraken's engine: `online`, `maintenance`, `cancel_only`, `post_only`."""

    system: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Kraken's answer to a request.

    Attributes:
        symbol: The symbol that it concerns; None if it names none.
        error: Why Kraken refuses; None if it accepts.
    """

    symbol: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """A subscription has ended, at our request or Kraken's.

    Attributes:
        symbol: Its symbol; None if the message names none.
    """

    symbol: str | None


@dataclass(frozen=True, slots=True)
class Entries:
    """Trades, not yet parsed. Every number in them is text."""

    entries: Sequence[Mapping[str, object]]
    snapshot: bool


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """A heartbeat, a pong, or any other message that does not matter here."""


Message = SystemStatus | Answer | Unsubscribed | Entries | SignOfLife

_SIGN_OF_LIFE = SignOfLife()


def read_message(frame: str | bytes) -> Message:
    """Read one frame.

    Raises:
        AnswerMalformed: It is no JSON object, or lacks a part that its channel documents.
    """
    try:
        message = read_json(frame if isinstance(frame, str) else frame.decode())
    except ValueError as error:
        raise _malformed("is no JSON", frame) from error
    if not isinstance(message, dict):
        raise _malformed("is no object", frame)
    if message.get("method") == "unsubscribe":
        # If it is refused, there was nothing to end.
        return _SIGN_OF_LIFE if message.get("error") else Unsubscribed(_symbol(message))
    return _read_object(message, frame)


def _read_object(message: Mapping[str, Any], frame: str | bytes) -> Message:
    match message:
        case {"channel": "trade", "data": list(entries)}:
            if not all(isinstance(entry, dict) for entry in entries):
                raise _malformed("holds a trade that is no object", frame)
            return Entries(entries, snapshot=message.get("type") == "snapshot")
        case {"channel": "trade"}:
            raise _malformed("holds no list of trades", frame)
        case {"channel": "status", "data": [{"system": str(system)}, *_]}:
            return SystemStatus(system)
        case {"error": error} | {"Error": error}:
            return Answer(_symbol(message), str(error))
        case {"method": "subscribe", "success": bool(success)}:
            return Answer(_symbol(message), None if success else "no reason given")
        case _:
            return _SIGN_OF_LIFE


def _symbol(message: Mapping[str, Any]) -> str | None:
    """Return an answer's symbol: a refusal has it at the top, an acknowledgement in its result."""
    result = message.get("result")
    symbol = message.get("symbol") or (result.get("symbol") if isinstance(result, dict) else None)
    return symbol if isinstance(symbol, str) else None


def _malformed(what: str, frame: str | bytes) -> AnswerMalformed:
    return AnswerMalformed(f"a frame of Kraken's WebSocket {what}: {frame[:_EXCERPT]!r}")
