"""Whole numbers as Avro writes them: zig-zag, then seven bits a byte, the lowest first.

https://avro.apache.org/docs/1.12.0/specification/#primitive-types-1
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TypeVar

__all__ = ["Memo", "Varints"]

K = TypeVar("K")

_MOST_KEPT = 1 << 15
_BITS = 14
_LOW = (1 << _BITS) - 1
_LONG_BITS = 64


class Memo(dict[K, bytes]):
    """Bytes by what they are made from, each made once; emptied when it has grown too large."""

    def __init__(self, make: Callable[[K], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> bytes:
        made = self._make(key)
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[key] = made
        return made


class Varints:
    """Writes whole numbers, put together from pieces of 14 bits that are at hand.

    A time in microseconds takes eight bytes. The last four of them change every two minutes and
    the others are of 16,384 kinds: three look-ups, where a loop takes eight turns.

    Args:
        bits: The size of the type: 64 for a long, 32 for an int.
    """

    def __init__(self, bits: int = _LONG_BITS) -> None:
        self._bits = bits
        self._pairs = _pairs_before_others()
        self._ends: Memo[int] = Memo(_to_the_end)

    def one(self, value: int) -> bytes:
        """The bytes of a number.

        Raises:
            OverflowError: The type cannot hold it.
        """
        zigzag = value << 1 if value >= 0 else ~(value << 1)
        if zigzag >> self._bits:
            raise OverflowError(f"{value} does not fit {self._bits} bits")
        return self._ends[zigzag]

    def column(self, values: Sequence[int]) -> Iterable[bytes]:
        """The bytes of many numbers, which mostly are of one size.

        Raises:
            OverflowError: The type cannot hold one of them.
        """
        least, most = min(values), max(values)
        pairs, ends = self._pairs, self._ends
        zigzags = [value << 1 for value in values]
        if least >> _BITS - 1 > 0 and most >> 2 * _BITS - 1 == 0:
            return [pairs[one & _LOW] + ends[one >> _BITS] for one in zigzags]
        if least >> 2 * _BITS - 1 > 0 and most >> self._bits - 1 == 0:
            return [
                pairs[one & _LOW] + pairs[one >> _BITS & _LOW] + ends[one >> 2 * _BITS]
                for one in zigzags
            ]
        return map(self.one, values)


@cache
def _pairs_before_others() -> list[bytes]:
    """By 14 bits, the two bytes that hold them where more bytes follow."""
    return [bytes((bits & 0x7F | 0x80, bits >> 7 | 0x80)) for bits in range(_LOW + 1)]


def _to_the_end(bits: int) -> bytes:
    """The bytes that hold all of a number's bits, the last one marked as such."""
    written = bytearray()
    while bits > 0x7F:  # noqa: PLR2004  seven bits
        written.append(bits & 0x7F | 0x80)
        bits >>= 7
    written.append(bits)
    return bytes(written)
