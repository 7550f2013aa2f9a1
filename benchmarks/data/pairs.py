"""The pairs of the synthetic market: made-up amounts of realistic orders of magnitude."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["MARKET", "Pair", "many_pairs"]


@dataclass(frozen=True)
class Pair:
    """One pair of the synthetic market.

    Attributes:
        symbol: Canonical, as in every event.
        price: What the random walk starts at, in the quote currency.
        tick: The smallest step of the price, in units of 10^-10 of the quote currency.
        lot: The volume of a usual order, in the base currency.
        share: Its part of all trades.
    """

    symbol: str
    price: float
    tick: int
    lot: float
    share: float


def _tick(step: float) -> int:
    return round(step * 10**10)


MARKET: Final = (
    Pair("BTC/USD", 105_433.6, _tick(0.1), 0.006, 0.22),
    Pair("ETH/USD", 3_561.42, _tick(0.01), 0.12, 0.18),
    Pair("SOL/USD", 168.07, _tick(0.01), 1.8, 0.14),
    Pair("XRP/USD", 2.48921, _tick(0.00001), 140.0, 0.12),
    Pair("BTC/EUR", 91_187.3, _tick(0.1), 0.005, 0.11),
    Pair("USDT/USD", 0.99981, _tick(0.00001), 350.0, 0.09),
    Pair("ETH/EUR", 3_080.15, _tick(0.01), 0.1, 0.08),
    Pair("DOGE/USD", 0.1795184, _tick(0.0000001), 1_900.0, 0.06),
)
"""Their shares spread over four partitions as unevenly as keys do: 33, 27, 22 and 18 per cent."""


def many_pairs(count: int) -> Sequence[Pair]:
    """Return the first `count` pairs of the market, with shares in the same proportion.

    If `count` is larger than the market, made-up pairs follow, and all pairs have the same share.
    """
    if count <= len(MARKET):
        whole = sum(pair.share for pair in MARKET[:count])
        return [replace(pair, share=pair.share / whole) for pair in MARKET[:count]]
    made_up = (
        Pair(f"SYN{number}/USD", 1.0 + number, _tick(0.0001), 10.0, 0.0)
        for number in range(1, count - len(MARKET) + 1)
    )
    return [replace(pair, share=1 / count) for pair in (*MARKET, *made_up)]
