"""Ask Kraken for the candles of each pair's last hours: the candles, or why there are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeGuard

from producer.cli.pairs_by_rule import choose_by_rules
from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.candles import Candle
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.listing import Found
from producer.kraken.settings import KrakenClientSettings
from producer.model.pair_rules import ANY
from producer.model.venue_errors import PairRepeated, UnknownPair, VenueError, VenueTransient
from producer.settings import ProducerSettings, listed

__all__ = ["CandleAnswer", "all_candles", "answers_by_pair"]

_FAILURES_IN_A_ROW: Final = 2
"""So many failures in a row are no coincidence: Kraken is then not asked for the other pairs."""


@dataclass(frozen=True, slots=True)
class CandleAnswer:
    """What Kraken answered for one pair: candles, or one of two reasons why there are none.

    Attributes:
        asked: The name or label that the caller asked for.
        symbol: What its trades are recorded as; None if Kraken has no such pair.
        candles: Oldest first.
        unknown: Kraken has no such pair. Asking again gives the same answer.
        error: Kraken gave no answer. Asking again may give one.
    """

    asked: str
    symbol: str | None = None
    candles: Sequence[Candle] | None = None
    unknown: VenueError | None = None
    error: VenueError | None = None


def all_candles(settings: ProducerSettings, names: str) -> list[Candle]:
    """Fetch Kraken's candles of each pair's last twelve hours, one per minute.

    Args:
        settings: Where Kraken is, and which label means which pair.
        names: The pairs or their labels, separated by commas; empty for those of the settings.

    Raises:
        VenueError: Kraken does not answer for one of them, or has no such pair.
        SettingsUnusable: A rule for pairs is malformed, or matches none.
    """
    candles: list[Candle] = []
    for answer in answers_by_pair(settings, names):
        if failure := answer.unknown or answer.error:
            raise failure
        candles += answer.candles or ()
    return candles


def answers_by_pair(settings: ProducerSettings, names: str) -> Iterator[CandleAnswer]:
    """Fetch the same, pair by pair: a pair that fails does not keep the others from an answer.

    Args:
        settings: As `all_candles`.
        names: As `all_candles`.

    Raises:
        VenueError: Kraken does not list its pairs.
        SettingsUnusable: A rule for pairs is malformed, or matches none.
    """
    labels = dict(zip(settings.symbols, settings.pairs, strict=False))
    client_settings = KrakenClientSettings(
        api_url=settings.kraken_api_url, call_interval=settings.kraken_call_interval_seconds
    )
    with KrakenClient(client_settings) as kraken:
        wanted = _wanted(kraken, settings, names)
        found = _find(kraken, [labels.get(name, name) for name in wanted])
        failures: list[VenueError] = []
        for name, pair in zip(wanted, found, strict=True):
            if isinstance(pair, UnknownPair):
                yield CandleAnswer(name, unknown=pair)
                continue
            named = replace(pair, symbol=name) if name in labels else pair
            if len(failures) >= _FAILURES_IN_A_ROW:
                yield CandleAnswer(name, named.symbol, error=failures[-1])
                continue
            answer = _ask(kraken, named, name)
            failures = [*failures, answer.error] if _is_silence(answer.error) else []
            yield answer


def _wanted(kraken: KrakenClient, settings: ProducerSettings, names: str) -> Sequence[str]:
    """Return the names to ask for; if there are rules, those of the pairs that they bring."""
    named = settings.of_pairs(names) if ANY in names else settings
    if (listed(names) and ANY not in names) or not named.rules.by_rule:
        return listed(names) or settings.symbols or settings.pairs
    choice = choose_by_rules(named.rules, kraken.list_pairs(), named.symbols)
    return [*(pair.symbol for pair in choice.pairs.values()), *choice.unknown]


def _find(kraken: KrakenClient, names: Sequence[str]) -> list[Found]:
    """Find the pair of each name. Two names may mean one pair: a lake may hold it under both."""
    distinct = list(dict.fromkeys(names))
    try:
        found = dict(zip(distinct, kraken.find_pairs(distinct), strict=True))
    except PairRepeated:
        found = {name: kraken.find_pairs([name])[0] for name in distinct}
    return [found[name] for name in names]


def _ask(kraken: KrakenClient, pair: KrakenPair, asked: str) -> CandleAnswer:
    try:
        return CandleAnswer(asked, pair.symbol, candles=kraken.candles(pair))
    except UnknownPair as error:
        return CandleAnswer(asked, pair.symbol, unknown=error)
    except VenueError as error:
        return CandleAnswer(asked, pair.symbol, error=error)


def _is_silence(error: VenueError | None) -> TypeGuard[VenueError]:
    """Whether the other pairs are likely to fail too; a refusal concerns one pair alone."""
    return isinstance(error, VenueTransient)
