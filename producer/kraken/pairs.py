"""Kraken's pairs: which name it wants on the wire, which symbol we record."""

from collections.abc import Sequence
from dataclasses import dataclass


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


def resolve_pairs(asset_pairs_body: bytes | str, requested: Sequence[str]) -> list[KrakenPair]:
    """Finds the pairs asked for, in the order asked for.

    Raises:
        UnknownPair: A name matches no pair; close ones are suggested.
        PairRepeated: Two names mean the same pair.
        AnswerMalformed: The body is no AssetPairs answer.
    """
    raise NotImplementedError
