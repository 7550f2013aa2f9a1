"""Which symbol each pair is recorded under."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from producer.errors import SettingsUnusable
from producer.kraken.pairs import KrakenPair

__all__ = ["labelled"]

log = structlog.get_logger()


def labelled(pairs: Sequence[KrakenPair], labels: Sequence[str]) -> list[KrakenPair]:
    """The pairs with the symbols that SYMBOL asks for; without labels, as they are.

    Raises:
        SettingsUnusable: There is not one label per pair, or one label twice.
    """
    if not labels:
        return list(pairs)
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
