"""Kraken's pairs: which name it wants on the wire, which symbol we record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from producer.kraken.envelope import Envelope, open_envelope
from producer.kraken.errors import PairRepeated, UnknownPair

CANONICAL_CODES: Final[Mapping[str, str]] = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
"""Kraken's own currency codes for what the rest of the field calls otherwise."""


@dataclass(frozen=True, slots=True)
class KrakenPair:
    """One pair under its four names.

    Attributes:
        rest_name: AssetPairs' own key, asked for and answered with: `XXBTZUSD`.
        wsname: `XBT/USD`.
        altname: `XBTUSD`.
        symbol: What is recorded: `BTC/USD`, unless a setting says otherwise.
    """

    rest_name: str
    wsname: str
    altname: str
    symbol: str

    @property
    def live_name(self) -> str:
        """What WebSocket v2 calls it, whatever is recorded: `BTC/USD`."""
        return canonical_symbol(self.wsname)


def canonical_symbol(wsname: str) -> str:
    """`XBT/USD` as the rest of the field writes it: `BTC/USD`."""
    return "/".join(CANONICAL_CODES.get(code, code) for code in wsname.split("/"))


def resolve_pairs(asset_pairs_body: bytes | str, requested: Sequence[str]) -> list[KrakenPair]:
    """Finds the pairs asked for, in the order asked for.

    A name may be `BTC/USD`, `XBT/USD`, `XBTUSD`, `BTCUSD` or Kraken's key `XXBTZUSD`, in
    capitals or not.

    Raises:
        UnknownPair: A name matches no pair; close ones are suggested.
        PairRepeated: Two names mean the same pair.
        AnswerMalformed: The body is no AssetPairs answer.
    """
    return select_pairs(read_pairs(open_envelope(asset_pairs_body, asked="AssetPairs")), requested)


def read_pairs(envelope: Envelope) -> list[KrakenPair]:
    """Reads AssetPairs' answer. Entries without a wsname cannot be given a symbol: left out."""
    return [
        KrakenPair(rest_name, wsname, altname, canonical_symbol(wsname))
        for rest_name, entry in envelope.result.items()
        if isinstance(entry, dict)
        and isinstance(wsname := entry.get("wsname"), str)
        and isinstance(altname := entry.get("altname"), str)
    ]


def select_pairs(pairs: Sequence[KrakenPair], requested: Sequence[str]) -> list[KrakenPair]:
    """Picks the pairs asked for; see `resolve_pairs`, whose errors it shares."""
    by_name = dict(_names(pairs))
    chosen: dict[KrakenPair, str] = {}
    for name in requested:
        pair = by_name.get(name.upper())
        if pair is None:
            raise UnknownPair(_unknown(name, by_name))
        if pair in chosen:
            raise PairRepeated(
                f"{chosen[pair]!r} and {name!r} are the same Kraken pair, {pair.symbol}: "
                "name it once in KRAKEN_PAIR"
            )
        chosen[pair] = name
    return list(chosen)


def _names(pairs: Sequence[KrakenPair]) -> Iterator[tuple[str, KrakenPair]]:
    """Yields each spelling with its pair; Kraken's own names come last, and so win."""
    for pair in pairs:
        yield pair.symbol.replace("/", "").upper(), pair
    for pair in pairs:
        yield pair.symbol.upper(), pair
    for pair in pairs:
        for name in (pair.altname, pair.wsname, pair.rest_name):
            yield name.upper(), pair


def _unknown(name: str, by_name: Mapping[str, KrakenPair]) -> str:
    """The message for a name that matches nothing, with what it may have meant."""
    close = get_close_matches(name.upper(), by_name, n=5, cutoff=0.5)
    symbols = list(dict.fromkeys(by_name[match].symbol for match in close))
    hint = f"did you mean {' or '.join(symbols)}?" if symbols else "write it as in BTC/USD"
    return f"Kraken trades no pair named {name!r}; {hint} (KRAKEN_PAIR)"
