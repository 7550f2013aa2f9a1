"""From Kraken's Trades answer to trades: pure, and without losing a digit."""

from datetime import datetime

from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair


def parse_trades_page(
    body: bytes | str, *, pair: KrakenPair, exchange: str, ingested_at: datetime
) -> TradesPage:
    """Reads one Trades answer.

    Raises:
        KrakenError: The answer is an error, is malformed, or holds a row of unknown shape.
    """
    raise NotImplementedError
