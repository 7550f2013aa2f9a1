"""Decode Kraken's answers: a page of trades in the fastest way, anything else as JSON."""

from typing import Any, Final, TypedDict

import msgspec

from producer.kraken.json_text import read_json

__all__ = ["PlainRow", "read_answer"]


class PlainRow(msgspec.Struct, array_like=True, gc=False):
    """A row of a Trades answer whose fields have the types that Kraken gives them.

        ["105433.60000", "0.00027625", 1762795433.9717445, "b", "l", "", 10218208]

    It is no list, as the garbage collector would track that: it took longer to go through a
    thousand of them again and again than it took to read them.

    Attributes:
        time: Unix seconds, as text like every number with a point.
    """

    price: str
    volume: str
    time: Any
    side: str
    order_type: str
    misc: str
    trade_id: int


class _Page(TypedDict, total=False):
    error: list[str]
    result: dict[str, list[PlainRow] | str]


_DECODER: Final = msgspec.json.Decoder(_Page, float_hook=str)


def read_answer(text: str) -> object:
    """Decode an answer: the lists in its result become plain rows if all of them can.

    Raises:
        ValueError: The text is no JSON.
    """
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return read_json(text)
