"""Find which of the pairs that AssetPairs lists a name means. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from producer.kraken.pairs import CANONICAL_CODES, KrakenPair, canonical_symbol
from producer.kraken.rest.envelope import Envelope
from producer.model.pair import CURRENCY
from producer.model.pair_rules import PairRule
from producer.model.venue_errors import PairRepeated, UnknownPair

__all__ = ["Found", "Listing", "read_listing", "required"]

Found = KrakenPair | UnknownPair

_SPELLINGS: Final[Sequence[Callable[[KrakenPair], tuple[str, ...]]]] = (
    lambda pair: (pair.key,),
    lambda pair: (pair.altname, pair.wsname),
    lambda pair: (pair.symbol,),
    lambda pair: (pair.symbol.replace("/", ""),),
)
"""The names that a pair may have; Kraken's own come first and so win."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The pairs that AssetPairs lists.

    Attributes:
        pairs: The pairs with a symbol.
        nameless: Names of the pairs without a wsname, Kraken's dark pools: this program knows no
            interface that publishes their trades.
        codes: The usual code of a currency by Kraken's own, in capitals: `XXBT` is `BTC`.
        refused: The asset classes that Kraken refused to list.
    """

    pairs: Sequence[KrakenPair]
    nameless: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def __add__(self, other: "Listing") -> "Listing":
        """Join two listings; a pair in both is taken from the first."""
        keys = {pair.key for pair in self.pairs}
        more = [pair for pair in other.pairs if pair.key not in keys]
        return Listing(
            [*self.pairs, *more],
            self.nameless | other.nameless,
            {**other.codes, **self.codes},
            self.refused | other.refused,
        )

    def matching(self, rule: PairRule) -> list[KrakenPair]:
        """Return the pairs that a rule fits. It may name a currency as Kraken does: XBT or XXBT."""
        usual = PairRule(rule.text, self._usual(rule.base), self._usual(rule.quote))
        return [pair for pair in self.pairs if usual.fits(*pair.currencies)]

    def close_currencies(self, code: str) -> list[str]:
        """Return the currencies whose codes resemble this one; none if it is one of them."""
        known = {one.upper(): one for pair in self.pairs for one in pair.currencies}
        if self._usual(code).upper() in known:
            return []
        return [known[one] for one in get_close_matches(code.upper(), known, n=3, cutoff=0.5)]

    def _usual(self, code: str) -> str:
        upper = code.upper()
        return CANONICAL_CODES.get(upper) or self.codes.get(upper, code)

    def knows(self, name: str) -> bool:
        """Whether a pair has exactly this name, in this case."""
        return any(name in spelling(pair) for pair in self.pairs for spelling in _SPELLINGS)

    def find(self, names: Sequence[str]) -> list[Found]:
        """Find what each name means, in order: a pair, or why it means none.

        A name may be `BTC/USD`, `XBT/USD`, `XBTUSD`, `BTCUSD` or Kraken's key `XXBTZUSD`, in
        any case. If several pairs share a name, the pair whose key it is wins.

        Raises:
            PairRepeated: Two names mean the same pair.
        """
        found: list[Found] = []
        named: dict[KrakenPair, str] = {}
        for name in names:
            one = self._find(name)
            if isinstance(one, KrakenPair):
                if one in named:
                    raise PairRepeated(
                        f"{named[one]!r} and {name!r} are the same Kraken pair, {one.symbol}: "
                        "name it once in KRAKEN_PAIR"
                    )
                named[one] = name
            found.append(one)
        return found

    def find_each(self, names: Iterable[str]) -> list[KrakenPair]:
        """Return the pairs of the names that mean one; several names may mean the same."""
        return [one for one in map(self._find, names) if isinstance(one, KrakenPair)]

    def _find(self, name: str) -> Found:
        for matches in self._matches(name):
            if len(matches) > 1:
                return UnknownPair(_ambiguous(name, matches))
            if matches:
                return matches[0]
        if name.upper() in self.nameless:
            return UnknownPair(
                f"Kraken gives {name!r} no name on its feed (wsname), as with its dark pools, so "
                "its trades cannot be recorded; name another pair in KRAKEN_PAIR"
            )
        return UnknownPair(self._unknown(name))

    def _matches(self, name: str) -> Iterator[list[KrakenPair]]:
        """Yield the pairs of a name, spelling by spelling: first an exact match, then any case."""
        for spelling in _SPELLINGS:
            yield [pair for pair in self.pairs if name in spelling(pair)]
            yield [
                pair
                for pair in self.pairs
                if name.upper() in (one.upper() for one in spelling(pair))
            ]

    def _unknown(self, name: str) -> str:
        """Return the message for a name that matches nothing, with suggestions."""
        by_name = {one.upper(): p for p in self.pairs for names in _SPELLINGS for one in names(p)}
        close = get_close_matches(name.upper(), by_name, n=5, cutoff=0.5)
        symbols = list(dict.fromkeys(by_name[match].symbol for match in close))
        hint = f"did you mean {' or '.join(symbols)}?" if symbols else "write it as in BTC/USD"
        return f"Kraken trades no pair named {name!r}; {hint} (KRAKEN_PAIR)"


def _ambiguous(name: str, matches: Sequence[KrakenPair]) -> str:
    keys = " and ".join(pair.key for pair in matches)
    return (
        f"{name!r} is the name of {len(matches)} pairs of Kraken's, {keys}: write the one that you "
        "mean in KRAKEN_PAIR"
    )


def read_listing(envelope: Envelope) -> Listing:
    """Read AssetPairs' answer.

    {"XXBTZUSD": {"altname": "XBTUSD", "wsname": "XBT/USD", "aclass_base": "currency",
                  "base": "XXBT", "quote": "ZUSD", ...},
     "XBTUSD.d": {"altname": "XBTUSD.d", ...}}
    """
    pairs: list[KrakenPair] = []
    nameless: set[str] = set()
    codes: dict[str, str] = {}
    for key, entry in envelope.result.items():
        if not isinstance(entry, dict):
            continue
        wsname, altname = entry.get("wsname"), entry.get("altname")
        if isinstance(wsname, str) and wsname and isinstance(altname, str):
            pair = KrakenPair(key, wsname, altname, canonical_symbol(wsname), _asset_class(entry))
            pairs.append(pair)
            codes |= {
                own.upper(): usual
                for side, usual in zip(("base", "quote"), pair.currencies, strict=True)
                if isinstance(own := entry.get(side), str)
            }
        else:
            nameless |= {key.upper(), str(altname).upper()}
    return Listing(pairs, frozenset(nameless), codes)


def required(found: Sequence[Found]) -> list[KrakenPair]:
    """Return the pairs, if every name means one.

    Raises:
        UnknownPair: A name means none; the first such error.
    """
    pairs = []
    for one in found:
        if isinstance(one, UnknownPair):
            raise one
        pairs.append(one)
    return pairs


def _asset_class(entry: Mapping[str, object]) -> str:
    return str(entry.get("aclass_base") or CURRENCY)
