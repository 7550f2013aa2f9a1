"""What the feed hands on."""

from collections.abc import Sequence
from dataclasses import dataclass

from producer.model.pair import Pair
from producer.model.trade import Trade

__all__ = ["Arrival", "Broken", "LiveTrades", "Subscribed"]


@dataclass(frozen=True, slots=True)
class LiveTrades:
    """Trades of one pair from one message.

    Attributes:
        pair: Whose.
        trades: In the order of the message.
        snapshot: Whether they are what came before the subscription, and not new.
        faults: What is wrong with each entry that is no trade.
    """

    pair: Pair
    trades: Sequence[Trade]
    snapshot: bool
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """From now on every trade of the pair comes."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing comes of these pairs until they are subscribed to again.

    Attributes:
        pairs: Whose connection broke, whose subscription Kraken refuses or has ended.
    """

    pairs: Sequence[Pair]


Arrival = LiveTrades | Subscribed | Broken
