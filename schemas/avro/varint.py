"""Whole numbers as Avro writes them: zig-zag, then seven bits a byte, the lowest first.

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
        """The bytes of many numbers; in one go where all take as many, as ids and times do.

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


def _side_by_side(zigzags: Sequence[int], length: int) -> tuple[bytes, ...]:
    """The bytes of numbers that all take as many, up to eight.

    The numbers stand in one very long one, 32 or 64 bits for each, which Python moves as quickly as
    any other: so the seven bits of every first byte are put in their place at once, then those of
    every second. It takes `length` steps for a thousand numbers, not for one.
    """
    lanes = _lanes(len(zigzags), length)
    together = int.from_bytes(lanes.packed.pack(*zigzags), "little")
    spread = lanes.others_follow
    for moved, group in enumerate(lanes.groups):
        spread |= (together & group) << moved
    return lanes.written.unpack(spread.to_bytes(lanes.packed.size, "little"))


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Room for a number of numbers side by side.

    Attributes:
        packed: The numbers, each filling its lane.
        groups: The seven bits of each byte, in every lane.
        others_follow: The bits that say that more bytes follow, in every lane.
        written: The bytes of each, without what is left of its lane.
    """

    packed: Struct
    groups: tuple[int, ...]
    others_follow: int
    written: Struct


@lru_cache(maxsize=64)
def _lanes(count: int, length: int) -> _Lanes:
    """For so many numbers of so many bytes."""
    size, code = (4, "I") if length <= 4 else (8, "Q")  # noqa: PLR2004  a lane's bytes
    every = sum(1 << 8 * size * lane for lane in range(count))
    return _Lanes(
        Struct(f"<{count}{code}"),
        tuple(every * (0x7F << 7 * byte) for byte in range(length)),
        sum(every * (0x80 << 8 * byte) for byte in range(length - 1)),
        Struct(f"{length}s{size - length}x" * count),
    )
