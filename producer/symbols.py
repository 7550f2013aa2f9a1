"""Which symbol each pair is recorded under."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import structlog

from producer.errors import SettingsUnusable
from producer.kraken.pairs import KrakenPair
from schemas.rules import load_rules

__all__ = ["labelled"]

log = structlog.get_logger()


def labelled(pairs: Sequence[KrakenPair], labels: Sequence[str]) -> list[KrakenPair]:
    """The pairs with the symbols that SYMBOL asks for; without labels, as they are.

    Raises:
        SettingsUnusable: There is not one label per pair, or one label twice, or a symbol that
            the contract refuses.
    """
    named = _renamed(pairs, labels) if labels else list(pairs)
    _require_names(named)
    return named


def _renamed(pairs: Sequence[KrakenPair], labels: Sequence[str]) -> list[KrakenPair]:
    if len(labels) != len(pairs):
        raise SettingsUnusable(
            f"SYMBOL holds {len(labels)} labels ({', '.join(labels)}), KRAKEN_PAIR {len(pairs)} "
            "pairs; give one label per pair, in the same order, or leave SYMBOL empty"
        )
    if len(set(labels)) != len(labels):
        raise SettingsUnusable(
            f"SYMBOL holds a label twice ({', '.join(labels)}); trade ids are unique per pair "
            "only, so two pairs cannot share one"
        )
    for pair, label in zip(pairs, labels, strict=True):
        if label != pair.symbol:
            log.warning("pair recorded under another symbol", pair=pair.symbol, symbol=label)
    return [replace(pair, symbol=label) for pair, label in zip(pairs, labels, strict=True)]


def _require_names(pairs: Sequence[KrakenPair]) -> None:
    """Refuses what would put every trade of a pair into quarantine."""
    rules = [rule for rule in load_rules("trade") if rule.field == "symbol"]
    for pair, rule in product(pairs, rules):
        if not rule.holds({"symbol": pair.symbol}):
            raise SettingsUnusable(
                f"{pair.symbol!r} cannot be the symbol of {pair.wsname}, by the rule {rule.name}: "
                f"{rule.doc} Give it another one in SYMBOL"
            )
