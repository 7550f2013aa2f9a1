"""Whether the feed delivers what it owes: a subscription may be dead while its connection lives."""

from collections.abc import Iterable
from typing import Final

import structlog

from producer.model.feed_events import Arrival, Broken, LiveTrades, Subscribed
from producer.model.pair import Pair
from producer.model.trade import Trade
from producer.model.venue import LiveSource

__all__ = ["SubscriptionWatch"]

log = structlog.get_logger()

_OWED_AFTER: Final = 5.0
"""Seconds after which a trade that the feed has not brought will not come any more. As long after
a subscription trades may still have been missed by it."""
_MICROS: Final = 1e6


class SubscriptionWatch:
    """Renews a subscription that brought nothing although there were trades, then its connection.

    Args:
        feed: Whose subscriptions.
    """

    def __init__(self, feed: LiveSource) -> None:
        self._feed = feed
        # When each pair was subscribed to, unix seconds, while it is.
        self._since: dict[Pair, float] = {}
        # Those whose subscription was renewed, with no live trade since.
        self._renewed: set[Pair] = set()

    def note(self, arrival: Arrival, now: float) -> None:
        """Takes what the feed says.

        Args:
            arrival: What it says.
            now: Unix seconds.
        """
        match arrival:
            case Subscribed(pair):
                self._since[pair] = now
            case Broken(pairs):
                for pair in pairs:
                    self._since.pop(pair, None)
            case LiveTrades(pair, trades, snapshot, faults):
                if trades and not snapshot:
                    self._renewed.discard(pair)
                if faults and pair in self._since:
                    # What of it was left out is no fault of the subscription.
                    self._since[pair] = now

    def brought_by_rest(self, pair: Pair, trades: Iterable[Trade]) -> bool:
        """Renews what is dead, where REST brought trades that the feed owed.

        Args:
            pair: Whose.
            trades: What REST brought and the feed did not.

        Returns:
            Whether there was anything to renew.
        """
        since = self._since.get(pair)
        if since is None:
            return False
        owed = [one.trade_id for one in trades if _is_owed(one, since)]
        if not owed:
            return False
        told = {"symbol": pair.symbol, "trades": len(owed), "first_trade_id": min(owed)}
        # Until it is subscribed to again it owes nothing.
        del self._since[pair]
        if pair in self._renewed:
            self._renewed.discard(pair)
            log.warning("connection_renewed", **told, because="a new subscription was no use")
            self._feed.renew_connection(pair)
        else:
            self._renewed.add(pair)
            log.warning("subscription_renewed", **told, because="REST has trades that it left out")
            self._feed.renew_subscription(pair)
        return True


def _is_owed(trade: Trade, since: float) -> bool:
    executed = trade.executed_micros / _MICROS
    return since + _OWED_AFTER <= executed <= trade.ingested_micros / _MICROS - _OWED_AFTER
