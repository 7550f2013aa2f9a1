"""Connect the watch over Kraken's listing to the recording of what it brings."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import structlog

from producer.cli.pairs_by_rule import brought_by_rules
from producer.ingest.listing_watch import Listed, ListingWatch
from producer.kafka.market_symbols import Market
from producer.kafka.publisher import Publisher
from producer.kafka.records import Records
from producer.kraken.rest.client import KrakenClient
from producer.model.pair import Pair, PairChoice
from producer.settings import ProducerSettings, listed

__all__ = ["Follow", "follow_and_note", "follow_at_start", "rules_of", "watch_listing"]

Follow = Callable[..., list[Pair]]
"""`carry_on` with every argument but the pairs, and `write`."""

log = structlog.get_logger()

_MOST_NAMED: Final = 20
_FIRST_TRADE: Final = "0"
"""Kraken's cursor before the first trade of a market."""


def watch_listing(  # noqa: PLR0913  what a look-up and its result need
    kraken: KrakenClient,
    settings: ProducerSettings,
    pairs: Sequence[Pair],
    publisher: Publisher,
    follow: Follow,
    *,
    pool: Executor | None = None,
) -> ListingWatch | None:
    """Return the watch over what Kraken lists; None if KRAKEN_PAIR holds no rule.

    Args:
        kraken: Asked for its listing.
        settings: The rules, and how often to ask.
        pairs: The pairs that are recorded from the start.
        publisher: Claims added pairs, and writes where they begin.
        follow: Lets a pair that Kraken has renamed continue from its old name.
        pool: Runs the question; None: the caller's thread runs it.
    """
    rules, logged = settings.rules, set[str]()
    if not rules.by_rule:
        return None

    def look_up(recorded: Sequence[Pair]) -> Listed:
        listing = kraken.list_pairs()
        brought = brought_by_rules(
            rules,
            listing,
            except_keys={pair.key for pair in recorded},
            taken={pair.symbol for pair in recorded},
            logged=logged,
        )
        return Listed(brought, frozenset(pair.key for pair in listing.pairs), listing.refused)

    def welcome(added: Sequence[Pair]) -> None:
        def begin(kept: Sequence[Records]) -> None:
            publisher.begin([pair.symbol for pair in added], _FIRST_TRADE, kept)

        follow(added, write=begin)

    return ListingWatch(
        look_up,
        pairs,
        every=settings.pairs_refresh_seconds,
        now=time.monotonic(),
        pool=pool,
        welcome=welcome,
    )


def rules_of(settings: ProducerSettings) -> str:
    """Return KRAKEN_PAIR if it holds rules, else nothing; the same list is the same text."""
    return ",".join(listed(settings.kraken_pair)) if settings.rules.by_rule else ""


def follow_at_start(
    choice: PairChoice,
    publisher: Publisher,
    follow: Follow,
    markets: Mapping[str, Market],
    rules: str,
) -> list[Pair]:
    """Follow renamed pairs; what was listed since the last run begins with its first trade.

    Args:
        choice: The pairs.
        publisher: Opened; knows which pairs have a cursor.
        follow: As for `watch_listing`.
        markets: The markets that have been recorded, by key.
        rules: As `rules_of` returns them.

    Returns:
        The pairs under their former symbols.
    """
    pairs = list(choice.pairs.values())
    ran_before = bool(rules) and any(market.rules == rules for market in markets.values())
    new = [
        pair.symbol
        for pair in pairs
        if ran_before
        and pair.key in choice.by_rule
        and pair.key not in markets
        and publisher.positions.recorded(pair.symbol).cursor is None
    ]
    if not new:
        return follow(pairs)
    log.warning("pairs_listed", number=len(new), symbols=new[:_MOST_NAMED], since="the last run")
    return follow(pairs, write=lambda kept: publisher.begin(new, _FIRST_TRADE, kept))


def follow_and_note(
    publisher: Publisher, follow: Follow, listing: ListingWatch | None, claimed: Collection[str]
) -> Callable[[Sequence[Pair]], object]:
    """Return what is called with pairs that are named in full and were found late.

    They are claimed like those that are listed at the start. Until then a pair's symbol is only
    guessed from its name: `XYZUSD` may be recorded as XYZ/USD.

    Args:
        publisher: Claims the pairs.
        follow: As for `watch_listing`.
        listing: Notes the pairs, if there is one.
        claimed: The symbols that the start has claimed for names that meant no pair.
    """

    def found(pairs: Sequence[Pair]) -> None:
        # Claiming again what another producer has claimed meanwhile would end both.
        more = [pair.symbol for pair in pairs if pair.symbol not in claimed]

        def claim(kept: Sequence[Records]) -> None:
            if more or kept:
                publisher.begin(more, None, kept)

        follow(pairs, write=claim)
        if listing is not None:
            listing.note(pairs)

    return found
