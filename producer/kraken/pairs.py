"""Kraken's pairs: the name for each call, and the symbol to record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self

from producer.model.pair import CURRENCY

__all__ = ["CANONICAL_CODES", "TOKENIZED", "KrakenPair", "canonical_symbol"]

CANONICAL_CODES: Final[Mapping[str, str]] = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
"""Kraken's own currency codes, and the codes that are usual elsewhere."""
TOKENIZED: Final = "tokenized_asset"
"""Shares and funds as tokens, such as AAPLx/USD; answers hold them only on request."""


@dataclass(frozen=True, slots=True)
class KrakenPair:
    """One pair under its four names.

    Attributes:
        key: The key of AssetPairs, used in requests and answers: `XXBTZUSD`.
        wsname: `XBT/USD`.
        altname: `XBTUSD`.
        symbol: The symbol to record: `BTC/USD`, unless a setting says otherwise.
        asset_class: The class of its base, `currency` or `tokenized_asset`.
    """

    key: str
    wsname: str
    altname: str
    symbol: str
    asset_class: str = CURRENCY

    @property
    def feed_name(self) -> str:
        """Its name in WebSocket v2, whatever symbol is recorded: `BTC/USD`."""
        return canonical_symbol(self.wsname)

    @property
    def currencies(self) -> tuple[str, str]:
        """The usual codes of its base and quote: `BTC`, `USD`."""
        base, _, quote = self.feed_name.partition("/")
        return base, quote

    def recorded_as(self, symbol: str) -> Self:
        """Return the same market under another symbol."""
        return replace(self, symbol=symbol)


def canonical_symbol(wsname: str) -> str:
    """Return `XBT/USD` in the usual spelling: `BTC/USD`."""
    return "/".join(CANONICAL_CODES.get(code, code) for code in wsname.split("/"))
