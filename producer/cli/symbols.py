"""Find which pair each name of the settings means, and the symbol to record it under."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import structlog

from producer.errors import SettingsUnusable
from producer.kraken.pairs import KrakenPair, canonical_symbol
from producer.kraken.rest.listing import Found
from producer.model.pair import Pair, PairChoice
from producer.model.venue_errors import UnknownPair
from schemas.rules import Rule, load_rules

__all__ = ["choose", "labelled", "why_not_recordable"]

log = structlog.get_logger()


def choose(names: Sequence[str], found: Sequence[Found], labels: Sequence[str]) -> PairChoice:
    """Choose the pairs among what was found for the names, under the symbols of SYMBOL.

    Raises:
        SettingsUnusable: As for `labelled`.
    """
    _check_labels(labels, len(names))
    keys = labels or [canonical_symbol(name) for name in names]
    pairs = {key: one for key, one in zip(keys, found, strict=True) if isinstance(one, KrakenPair)}
    unknown = {key: one for key, one in zip(keys, found, strict=True) if key not in pairs}
    named = labelled(list(pairs.values()), list(pairs) if labels else ())
    return PairChoice(
        dict(zip(pairs, named, strict=True)),
        {key: one for key, one in unknown.items() if isinstance(one, UnknownPair)},
    )


def labelled(pairs: Sequence[Pair], labels: Sequence[str]) -> list[Pair]:
    """Return the pairs with the symbols of SYMBOL; without labels, return them unchanged.

    Raises:
        SettingsUnusable: There is not one label per pair, a label occurs twice, two pairs share a
            symbol, or the contract refuses a symbol.
    """
    named = _renamed(pairs, labels) if labels else list(pairs)
    _require_names(named)
    return named


def _renamed(pairs: Sequence[Pair], labels: Sequence[str]) -> list[Pair]:
    _check_labels(labels, len(pairs))
    for pair, label in zip(pairs, labels, strict=True):
        if label != pair.symbol:
            log.warning("pair_relabelled", pair=pair.symbol, symbol=label)
    return [pair.recorded_as(label) for pair, label in zip(pairs, labels, strict=True)]


def _check_labels(labels: Sequence[str], pairs: int) -> None:
    if not labels:
        return
    if len(labels) != pairs:
        raise SettingsUnusable(
            f"SYMBOL holds {len(labels)} labels ({', '.join(labels)}), KRAKEN_PAIR {pairs} "
            "pairs named in full; give one label per such pair, in the same order, or leave SYMBOL "
            "empty"
        )
    if len(set(labels)) != len(labels):
        raise SettingsUnusable(
            f"SYMBOL holds a label twice ({', '.join(labels)}); trade ids are unique per pair "
            "only, so two pairs cannot share one"
        )


def _require_names(pairs: Sequence[Pair]) -> None:
    """Refuse symbols that would mix two pairs' trades, or quarantine every trade of a pair."""
    for symbol, number in Counter(pair.symbol for pair in pairs).items():
        if number > 1:
            keys = " and ".join(pair.key for pair in pairs if pair.symbol == symbol)
            raise SettingsUnusable(
                f"{keys} would both be recorded as {symbol}; trade ids are unique per pair only: "
                "give them labels of their own in SYMBOL"
            )
    for pair in pairs:
        if reason := why_not_recordable(pair):
            raise SettingsUnusable(f"{reason} Give it another one in SYMBOL")


def why_not_recordable(pair: Pair) -> str | None:
    """Return why the contract refuses a pair's symbol; None if it accepts it."""
    for rule in _symbol_rules():
        if not rule.holds({"symbol": pair.symbol}):
            return (
                f"{pair.symbol!r} cannot be the symbol of {pair.feed_name}, by the rule "
                f"{rule.name}: {rule.doc}"
            )
    return None


@cache
def _symbol_rules() -> list[Rule]:
    return [rule for rule in load_rules("trade") if rule.field == "symbol"]
