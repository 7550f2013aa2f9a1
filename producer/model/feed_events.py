"""The events of a live feed."""

from collections.abc import Sequence
from dataclasses import dataclass

from producer.model.pair import Pair
from producer.model.trade import Trade

__all__ = ["Arrival", "Broken", "LiveTrades", "Subscribed"]


@dataclass(frozen=True, slots=True)
class LiveTrades:
    """Trades of one pair from one message.

    Attributes:
        pair: Their pair.
        trades: In the order of the message.
        snapshot: Whether they are from before the subscription, and not new.
        faults: What is wrong with each entry that is no valid trade.
    """

    pair: Pair
    trades: Sequence[Trade]
    snapshot: bool
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """From now on the feed sends every trade of the pair."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Broken:
    """The feed sends no trades of these pairs until they are subscribed to again.

    Attributes:
        pairs: The pairs whose connection broke, or whose subscription was refused or has ended.
    """

    pairs: Sequence[Pair]


Arrival = LiveTrades | Subscribed | Broken
