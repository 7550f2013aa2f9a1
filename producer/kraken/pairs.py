"""Kraken's pairs: the name that each call wants, and the symbol recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self

from producer.model.pair import CURRENCY

__all__ = ["CANONICAL_CODES", "TOKENIZED", "KrakenPair", "canonical_symbol"]

CANONICAL_CODES: Final[Mapping[str, str]] = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
"""Kraken's own currency codes for what the rest of the field calls otherwise."""
TOKENIZED: Final = "tokenized_asset"
"""Shares and funds as tokens, such as AAPLx/USD; left out of answers unless asked for."""


@dataclass(frozen=True, slots=True)
class KrakenPair:
    """One pair under its four names.

    Attributes:
        key: AssetPairs' own key, asked for and answered with: `XXBTZUSD`.
        wsname: `XBT/USD`.
        altname: `XBTUSD`.
        symbol: What is recorded: `BTC/USD`, unless a setting says otherwise.
        asset_class: What its base is, `currency` or `tokenized_asset`.
    """

    key: str
    wsname: str
    altname: str
    symbol: str
    asset_class: str = CURRENCY

    @property
    def feed_name(self) -> str:
        """What WebSocket v2 calls it, whatever is recorded: `BTC/USD`."""
        return canonical_symbol(self.wsname)

    def recorded_as(self, symbol: str) -> Self:
        """The same market under another symbol."""
        return replace(self, symbol=symbol)


def canonical_symbol(wsname: str) -> str:
    """`XBT/USD` as the rest of the field writes it: `BTC/USD`."""
    return "/".join(CANONICAL_CODES.get(code, code) for code in wsname.split("/"))
