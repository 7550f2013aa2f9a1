"""Whole numbers as Avro writes them: zig-zag, then seven bits a byte, the lowest first.

https://avro.apache.org/docs/1.12.0/specification/#primitive-types-1
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

__all__ = ["Varints", "varint"]

_LONG_BITS = 64
_LANE_BYTES = 8
_LANE_BITS = 8 * _LANE_BYTES


class Varints:
    """Writes columns of whole numbers.

    Args:
        bits: The size of the type: 64 for a long, 32 for an int.
    """

    def __init__(self, bits: int = _LONG_BITS) -> None:
        self._bits = bits

    def column(self, values: Sequence[int]) -> Iterable[bytes]:
        """The bytes of many numbers; in one go where all take as many, as ids and times do.

        Raises:
            OverflowError: The type cannot hold one of them.
        """
        least, most = min(values), max(values)
        length = _length(most << 1)
        if (
            least >= 0
            and length == _length(least << 1) <= _LANE_BYTES
            and most << 1 >> self._bits == 0
        ):
            return _side_by_side([value << 1 for value in values], length)
        return [varint(value, self._bits) for value in values]


def varint(value: int, bits: int = _LONG_BITS) -> bytes:
    """The bytes of one number.

    Raises:
        OverflowError: It does not fit so many bits.
    """
    rest = value << 1 if value >= 0 else ~(value << 1)
    if rest >> bits:
        raise OverflowError(f"{value} does not fit {bits} bits")
    written = bytearray()
    while rest > 0x7F:  # noqa: PLR2004  seven bits
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)


def _length(zigzag: int) -> int:
    """How many bytes a number takes."""
    return max(1, -(-zigzag.bit_length() // 7))


def _side_by_side(zigzags: Sequence[int], length: int) -> list[bytes]:
    """The bytes of numbers that all take as many, up to eight.

    The numbers stand in one very long one, 64 bits for each, which Python moves as quickly as any
    other: so the seven bits of every first byte are put in their place at once, then those of
    every second. It takes `length` steps for a thousand numbers, not for one.
    """
    together = int.from_bytes(_little_endian(zigzags), "little")
    groups, others_follow = _masks(len(zigzags), length)
    spread = others_follow
    for moved, group in enumerate(groups):
        spread |= (together & group) << moved
    lanes = spread.to_bytes(len(zigzags) * _LANE_BYTES, "little")
    return [lanes[at : at + length] for at in range(0, len(lanes), _LANE_BYTES)]


def _little_endian(numbers: Sequence[int]) -> bytes:
    """Each number in eight bytes."""
    lanes = array("Q", numbers)
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes.tobytes()


@lru_cache(maxsize=64)
def _masks(count: int, length: int) -> tuple[list[int], int]:
    """For so many numbers: the seven bits of each byte, and the bits that say that more follow."""
    every = sum(1 << _LANE_BITS * lane for lane in range(count))
    groups = [every * (0x7F << 7 * byte) for byte in range(length)]
    return groups, sum(every * (0x80 << 8 * byte) for byte in range(length - 1))
