"""Check that the feed delivers: a subscription may be dead while its connection lives."""

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
"""Seconds after which the feed will not bring a trade any more. For as long after it began, a
subscription may still have missed trades."""
_MICROS: Final = 1e6


class SubscriptionWatch:
    """Renews a subscription that missed trades; if that does not help, its connection.

    Args:
        feed: Whose subscriptions.
    """

    def __init__(self, feed: LiveSource) -> None:
        self._feed = feed
        # When each subscription began, unix seconds. Only pairs that are subscribed to.
        self._since: dict[Pair, float] = {}
        # Pairs whose subscription was renewed, with no live trade since.
        self._renewed: set[Pair] = set()

    def note(self, arrival: Arrival, now: float) -> None:
        """Process an arrival of the feed.

        Args:
            arrival: The arrival.
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
                    # The subscription is not at fault for the trades that could not be read.
                    self._since[pair] = now

    def brought_by_rest(self, pair: Pair, trades: Iterable[Trade]) -> bool:
        """Renew the subscription or connection if REST brought trades that the feed missed.

        Args:
            pair: The pair.
            trades: The trades that REST brought and the feed did not.

        Returns:
            Whether it renewed anything.
        """
        since = self._since.get(pair)
        if since is None:
            return False
        owed = [one.trade_id for one in trades if _is_owed(one, since)]
        if not owed:
            return False
        fields = {"symbol": pair.symbol, "trades": len(owed), "first_trade_id": min(owed)}
        # Until the next subscription begins, the feed cannot miss anything.
        del self._since[pair]
        if pair in self._renewed:
            self._renewed.discard(pair)
            log.warning("connection_renewed", **fields, because="a new subscription did not help")
            self._feed.renew_connection(pair)
        else:
            self._renewed.add(pair)
            log.warning(
                "subscription_renewed", **fields, because="REST has trades that the feed left out"
            )
            self._feed.renew_subscription(pair)
        return True


def _is_owed(trade: Trade, since: float) -> bool:
    executed = trade.executed_micros / _MICROS
    return since + _OWED_AFTER <= executed <= trade.ingested_micros / _MICROS - _OWED_AFTER
