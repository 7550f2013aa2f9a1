"""Encodes whole numbers as Avro does: zig-zag, then seven bits per byte, the lowest first.

https://avro.apache.org/docs/1.12.0/specification/#primitive-types-1
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct

__all__ = ["Varints", "varint"]

_LONG_BITS = 64
_WIDEST_LANE = 8


class Varints:
    """Writes columns of whole numbers.

    Args:
        bits: The size of the type: 64 for a long, 32 for an int.
    """

    def __init__(self, bits: int = _LONG_BITS) -> None:
        self._bits = bits

    def column(self, values: Sequence[int]) -> Iterable[bytes]:
        """Encode many numbers; all at once if they take the same length, as ids and times do.

        Raises:
            OverflowError: The type cannot hold one of them.
        """
        least, most = min(values), max(values)
        length = _length(most << 1)
        if (
            least >= 0
            and length == _length(least << 1) <= _WIDEST_LANE
            and most << 1 >> self._bits == 0
        ):
            return _side_by_side([value << 1 for value in values], length)
        return [varint(value, self._bits) for value in values]


def varint(value: int, bits: int = _LONG_BITS) -> bytes:
    """Encode one number.

    Raises:
        OverflowError: It does not fit that many bits.
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
    """Return how many bytes a number takes."""
    return max(1, -(-zigzag.bit_length() // 7))


def _side_by_side(zigzags: Sequence[int], length: int) -> tuple[bytes, ...]:
    """Encode numbers that all take the same number of bytes, up to eight.

    The numbers are packed into one very long integer, 32 or 64 bits for each, which Python shifts
    as quickly as any other. So one operation moves the seven bits of every first byte into place,
    the next those of every second. It takes `length` steps for a thousand numbers, not for one.
    """
    lanes = _lanes(len(zigzags), length)
    together = int.from_bytes(lanes.packed.pack(*zigzags), "little")
    spread = lanes.others_follow
    for moved, group in enumerate(lanes.groups):
        spread |= (together & group) << moved
    return lanes.written.unpack(spread.to_bytes(lanes.packed.size, "little"))


@dataclass(frozen=True, slots=True)
class _Lanes:
    """The layout of many numbers in one integer, each in its own lane of 32 or 64 bits.

    Attributes:
        packed: The format of the numbers, each filling its lane.
        groups: Masks of the seven bits of each byte, in every lane.
        others_follow: The bits that say that more bytes follow, in every lane.
        written: The format of the encoded numbers, without the unused bytes of each lane.
    """

    packed: Struct
    groups: tuple[int, ...]
    others_follow: int
    written: Struct


@lru_cache(maxsize=64)
def _lanes(count: int, length: int) -> _Lanes:
    """Build the layout for this many numbers of this many bytes."""
    size, code = (4, "I") if length <= 4 else (8, "Q")  # noqa: PLR2004  a lane's bytes
    every = sum(1 << 8 * size * lane for lane in range(count))
    return _Lanes(
        Struct(f"<{count}{code}"),
        tuple(every * (0x7F << 7 * byte) for byte in range(length)),
        sum(every * (0x80 << 8 * byte) for byte in range(length - 1)),
        Struct(f"{length}s{size - length}x" * count),
    )
