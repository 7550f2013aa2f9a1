"""Find the pairs that the rules of KRAKEN_PAIR bring, among those that Kraken lists."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import structlog

from producer.cli.symbols import choose, why_not_recordable
from producer.errors import SettingsUnusable
from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.listing import Listing
from producer.model.pair import Pair, PairChoice
from producer.model.pair_rules import PairRule, PairRules
from producer.model.venue_errors import UnknownPair

__all__ = ["brought_by_rules", "choose_by_rules", "require_matches"]

log = structlog.get_logger()

_AN_EXCLUSION: Final = "-"


def choose_by_rules(rules: PairRules, listing: Listing, labels: Sequence[str]) -> PairChoice:
    """Choose the pairs named in full, under the symbols of SYMBOL, and those that rules bring.

    Raises:
        PairRepeated: Two names mean the same pair.
        SettingsUnusable: A rule or an exclusion matches nothing, or the labels do not fit.
    """
    require_matches(rules, listing)
    named = choose(rules.names, listing.find(rules.names), labels)
    pairs: dict[str, Pair] = dict(named.pairs)
    taken = {pair.symbol for pair in pairs.values()}
    keys = {pair.key for pair in pairs.values()}
    brought = brought_by_rules(rules, listing, except_keys=keys, taken=taken)
    for pair in brought:
        pairs.setdefault(pair.symbol, pair)
    return PairChoice(pairs, named.unknown, frozenset(pair.key for pair in brought))


def brought_by_rules(
    rules: PairRules,
    listing: Listing,
    *,
    except_keys: Collection[str],
    taken: Collection[str],
    logged: set[str] | None = None,
) -> list[KrakenPair]:
    """Return the pairs that the rules bring, in Kraken's order.

    A pair whose symbol another one has, or that no trade may have, is left out with an error in
    the log: one odd listing must not stop the others.

    Args:
        rules: The rules.
        listing: What Kraken lists.
        except_keys: Kraken's keys of pairs that are recorded already.
        taken: The symbols of those pairs.
        logged: The keys of pairs that the log has named already; new ones are added to it.
    """
    logged = set() if logged is None else logged
    out = {pair.key for rule in rules.excluded for pair in listing.matching(rule)}
    out |= {one.key for one in listing.find_each(rules.excluded_names)}
    out |= {one.key for one in listing.find_each(rules.names)}
    wanted = {pair.key for rule in rules.included for pair in listing.matching(rule)}
    keys = wanted - out - set(except_keys)
    return list(
        _recordable((pair for pair in listing.pairs if pair.key in keys), set(taken), logged)
    )


def require_matches(rules: PairRules, listing: Listing) -> None:
    """Require that each rule and each exclusion matches a pair: otherwise it is a mistake.

    Raises:
        SettingsUnusable: One matches none.
    """
    for rule in rules.included:
        if not listing.matching(rule):
            raise SettingsUnusable(_without_a_match(rule, rule.text, listing))
    for rule in rules.excluded:
        if not listing.matching(rule):
            raise SettingsUnusable(_without_a_match(rule, _AN_EXCLUSION + rule.text, listing))
    for name in rules.excluded_names:
        (found,) = listing.find([name])
        if isinstance(found, UnknownPair):
            raise SettingsUnusable(
                f"{_AN_EXCLUSION}{name} in KRAKEN_PAIR leaves out no pair: {found}"
            )


def _recordable(
    pairs: Iterable[KrakenPair], taken: set[str], logged: set[str]
) -> Iterator[KrakenPair]:
    for pair in pairs:
        reason = why_not_recordable(pair)
        if pair.symbol in taken:
            reason = f"another pair is recorded as {pair.symbol}; ids are unique per pair only"
        if reason and pair.key in logged:
            continue
        if reason:
            logged.add(pair.key)
            log.error(
                "pair_left_out",
                key=pair.key,
                symbol=pair.symbol,
                reason=reason,
                advice=f"add -{pair.key} to KRAKEN_PAIR, or name it there in full with a SYMBOL",
            )
            continue
        taken.add(pair.symbol)
        yield pair


def _without_a_match(rule: PairRule, text: str, listing: Listing) -> str:
    close = {code: listing.close_currencies(code) for code in rule.currencies}
    hints = [f"{' or '.join(found)} for {code}" for code, found in close.items() if found]
    hint = f"did you mean {', '.join(hints)}?" if hints else "correct it or take it out"
    return f"{text} in KRAKEN_PAIR matches none of the {len(listing.pairs)} pairs of Kraken; {hint}"
