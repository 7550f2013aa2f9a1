"""Read JSON without losing a digit, and get the exact text of its parts.

No number passes through float, and none is too long to read: the caller decides how exact a number
has to be.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

__all__ = ["elements", "members", "read_json"]

_QUICK_DECODER: Final = msgspec.json.Decoder(float_hook=str)
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BETWEEN: Final = re.compile(r"[ \t\n\r,:]*")


def read_json(text: str) -> object:
    """Decode a JSON text. A number becomes its original text; a whole number may become an int.

    If the fast decoder refuses a text, the standard library's is tried, which accepts more: `NaN`,
    half a surrogate pair, a number of any length. These are reasons to refuse a row, not the page.

    Raises:
        ValueError: The text is no JSON.
    """
    try:
        return _QUICK_DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def members(text: str) -> Iterator[tuple[str, str]]:
    """Yield each key of an object with the text of its value. The text is valid JSON."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _skip(text, at)
        _, end = _DECODER.raw_decode(text, start)
        yield key, text[start:end]
        at = _skip(text, end)


def elements(text: str) -> Iterator[str]:
    """Yield the text of each element of an array. The text is valid JSON."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield text[at:end]
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    """Return where the next token starts: after blanks, commas and colons."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at
