"""Synthetic trades for load: nothing here was traded. The same seed gives the same trades.

They are modelled on 1,000 recorded trades of BTC/USDT (infra/fake_kraken/market/recordings). Of
those, 41 % have the same time as their predecessor, 36 % its price and 78 % its side. As CSV.gz the
price, volume, time, side and type of a trade take 11.0 bytes if recorded, and 11.6 if made here.

- Taker orders arrive in bursts: the gaps between them are log-normal, so that most are far shorter
  than the mean and some far longer.
- An order is filled by one trade or several at the same time, on the same side: after each fill
  there is another with a chance of 0.41.
- The price is a random walk in whole ticks that stands still more often than not; an order that is
  filled several times walks in its own direction.
- Volumes are log-normal over orders of magnitude, with the eight decimals that Kraken has; one in
  eight is a round number, one in twelve a size that bots repeat.
- All fills of an order are received at once, in one frame, some tens of milliseconds later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from benchmarks.data.pairs import Pair

__all__ = ["START_MICROS", "Integers", "Market", "Trades"]

Integers = npt.NDArray[np.int64]

START_MICROS: Final = 1_769_731_200_000_000
"""2026-01-30T00:00:00Z."""

_SCALE: Final = 10**10
_VOLUME_STEP: Final = 100
"""Kraken's eight decimals, in units of the stored ten."""
_ANOTHER_FILL: Final = 0.41
_SAME_SIDE: Final = 0.62
_ROUND_VOLUMES: Final = 0.125
_REPEATED_VOLUMES: Final = 0.083
_REPEATED_SIZES: Final = 8
_MARKET_ORDERS: Final = 0.41
_LARGEST_VOLUME: Final = 10**16


@dataclass(frozen=True)
class Trades:
    """Trades in the order of their times, a column each, all of the same length.

    Attributes:
        pair: Number of the pair in the market.
        trade_id: Consecutive within a pair.
        price: In units of 10^-10.
        volume: In units of 10^-10.
        side: 0 for BUY, 1 for SELL, as the schema numbers them.
        order_type: 0 for MARKET, 1 for LIMIT.
        executed_at: Microseconds since 1970.
        ingested_at: Microseconds since 1970.
    """

    pair: Integers
    trade_id: Integers
    price: Integers
    volume: Integers
    side: Integers
    order_type: Integers
    executed_at: Integers
    ingested_at: Integers

    def __len__(self) -> int:
        return len(self.pair)

    def taken(self, rows: "npt.NDArray[np.generic] | slice") -> Self:
        """Some of the rows: by number, by a mask, or a slice."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, concatenated."""
        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            )
        )


class Market:
    """Makes trades of several pairs; each call continues where the previous one stopped.

    Args:
        pairs: The market; the shares add up to 1.
        seed: The same seed gives the same trades.
        start: The time of the first trade, microseconds since 1970.
        first_id: The first trade id of each pair.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        seed: int = 1,
        start: int = START_MICROS,
        first_id: int = 10_000_001,
    ) -> None:
        self.pairs: Final = tuple(pairs)
        self._rng = np.random.default_rng(seed)
        self._now = start
        self._next_ids = [first_id] * len(self.pairs)
        self._prices = [round(pair.price * _SCALE) // pair.tick for pair in self.pairs]

    def trade(self, count: int, seconds: float) -> Trades:
        """Return the next `count` trades of all pairs together, within `seconds`."""
        edges = np.rint(np.cumsum([pair.share for pair in self.pairs]) * count).astype(int)
        edges[-1] = count
        counts = np.diff(edges, prepend=0)
        parts = [self._of_pair(at, int(n), seconds) for at, n in enumerate(counts) if n]
        self._now += int(seconds * 1e6)
        trades = Trades.together(parts)
        return trades.taken(np.argsort(trades.executed_at, kind="stable"))

    def _of_pair(self, at: int, count: int, seconds: float) -> Trades:
        rng, pair = self._rng, self.pairs[at]
        order = np.concatenate([[0], np.cumsum(rng.random(count - 1) >= _ANOTHER_FILL)])
        orders = int(order[-1]) + 1
        side = np.cumsum(rng.random(orders) >= _SAME_SIDE) % 2
        executed_at = self._now + _arrivals(rng, orders, seconds)
        received_at = executed_at + (rng.lognormal(-3.2, 0.4, orders) * 1e6).astype(np.int64)
        first_id = self._next_ids[at]
        self._next_ids[at] += count
        return Trades(
            pair=np.full(count, at, dtype=np.int64),
            trade_id=np.arange(first_id, first_id + count, dtype=np.int64),
            price=self._walk(at, order, side) * pair.tick,
            volume=_volumes(rng, count, pair.lot),
            side=side[order].astype(np.int64),
            order_type=(rng.random(orders) >= _MARKET_ORDERS)[order].astype(np.int64),
            executed_at=executed_at[order],
            ingested_at=received_at[order],
        )

    def _walk(self, at: int, order: Integers, side: Integers) -> Integers:
        """Return prices in ticks, reflected around the first price so that none reaches zero."""
        rng, ticks = self._rng, round(self.pairs[at].price * _SCALE) // self.pairs[at].tick
        steps = np.rint(rng.standard_t(4, len(order)) * max(ticks * 1e-5, 0.6)).astype(np.int64)
        steps[rng.random(len(order)) < 0.3] = 0  # noqa: PLR2004 - fills at the price of the last
        within = np.concatenate([[False], order[1:] == order[:-1]])
        away = np.where(side[order] == 0, 1, -1)
        steps = np.where(within, np.abs(steps) // 2 * away, steps)
        walked = self._prices[at] + np.cumsum(steps)
        span = max(ticks // 2, 2)
        # Reflected at half and at one and a half times the first price.
        folded = np.abs((walked - ticks + span) % (4 * span) - 2 * span)
        prices: Integers = ticks + span - folded
        self._prices[at] = int(prices[-1])
        return prices


def _arrivals(rng: np.random.Generator, orders: int, seconds: float) -> Integers:
    """Return rising microseconds within `seconds`, with log-normal gaps."""
    gaps = rng.lognormal(0.0, 1.6, orders)
    moments: Integers = (np.cumsum(gaps) / gaps.sum() * seconds * 1e6).astype(np.int64)
    return moments


def _volumes(rng: np.random.Generator, count: int, lot: float) -> Integers:
    """Return volumes of at least one step each."""
    amounts = rng.lognormal(np.log(lot), 2.2, count)
    is_round = rng.random(count) < _ROUND_VOLUMES
    magnitude = 10.0 ** np.floor(np.log10(amounts))
    amounts = np.where(is_round, np.ceil(amounts / magnitude) * magnitude, amounts)
    favourites = rng.lognormal(np.log(lot), 1.5, _REPEATED_SIZES)
    is_repeated = rng.random(count) < _REPEATED_VOLUMES
    amounts = np.where(is_repeated, rng.choice(favourites, count), amounts)
    steps = np.rint(amounts * (_SCALE // _VOLUME_STEP))
    volumes: Integers = np.clip(steps, 1, _LARGEST_VOLUME).astype(np.int64) * _VOLUME_STEP
    return volumes
