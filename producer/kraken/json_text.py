"""JSON read without losing a digit, and the very text of its parts.

No number passes through float, and none is too long to read: whoever wants one decides how exact
it has to be.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

_QUICK_DECODER: Final = msgspec.json.Decoder(float_hook=str)
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BETWEEN: Final = re.compile(r"[ \t\n\r,:]*")


def read_json(text: str) -> object:
    """Decode a JSON text. A number comes out as the text that it came as; a whole one may be int.

    Whatever the quick decoder refuses is left to the standard library's, which lets more pass:
    `NaN`, half a surrogate pair, a number of any length. Each of these is for the reader of its
    row to refuse, not a reason to refuse the page.

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
    """Where the next token starts: behind blanks, commas and colons."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at
