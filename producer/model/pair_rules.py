"""What KRAKEN_PAIR asks for: pairs named in full, and rules that many pairs fit. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

__all__ = ["ANY", "PairRule", "PairRules"]

ANY: Final = "*"
_LEAVE_OUT: Final = "-"
_FORMS: Final = "write a rule as *, */USD or BTC/*, with - before what it leaves out"


@dataclass(frozen=True, slots=True)
class PairRule:
    """A rule for pairs.

    Attributes:
        text: As it was written: `*/USD`.
        base: The base currency that a pair must have; `*` for any.
        quote: The quote currency that a pair must have; `*` for any.
    """

    text: str
    base: str
    quote: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `*`, `*/USD` or `BTC/*`.

        Raises:
            ValueError: It is none of these.
        """
        base, slash, quote = text.partition("/")
        if text == ANY:
            base = quote = ANY
        elif not slash or not base or not quote or "/" in quote:
            raise ValueError(f"{text!r} is no rule; {_FORMS}")
        if any(ANY in one and one != ANY for one in (base, quote)):
            raise ValueError(f"{text!r} is no rule: * stands for a whole currency; {_FORMS}")
        return cls(text, base, quote)

    def fits(self, base: str, quote: str) -> bool:
        """Whether it fits a pair of these currencies, in any case."""
        return _fits(self.base, base) and _fits(self.quote, quote)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that it names."""
        return tuple(one for one in (self.base, self.quote) if one != ANY)


@dataclass(frozen=True, slots=True)
class PairRules:
    """The parts of KRAKEN_PAIR.

    A pair that is named in full is recorded whatever the rules say. An exclusion takes away from
    what the rules bring.

    Attributes:
        names: The pairs named in full, in order.
        included: The rules.
        excluded: The exclusions that are rules.
        excluded_names: The exclusions that name a pair in full.
    """

    names: tuple[str, ...]
    included: tuple[PairRule, ...] = ()
    excluded: tuple[PairRule, ...] = ()
    excluded_names: tuple[str, ...] = ()

    @classmethod
    def read(cls, parts: Sequence[str]) -> Self:
        """Read the parts of a list, such as `*/USD`, `-DOGE/*`, `-BTC/USD`, `ETH/EUR`.

        Raises:
            ValueError: A part is malformed, or there are exclusions and no rule.
        """
        out = [part[1:].strip() for part in parts if part.startswith(_LEAVE_OUT)]
        wanted = [part for part in parts if not part.startswith(_LEAVE_OUT)]
        if "" in out:
            raise ValueError(f"a - stands before nothing; {_FORMS}")
        rules = cls(
            names=tuple(part for part in wanted if ANY not in part),
            included=tuple(PairRule.read(part) for part in wanted if ANY in part),
            excluded=tuple(PairRule.read(part) for part in out if ANY in part),
            excluded_names=tuple(part for part in out if ANY not in part),
        )
        if out and not rules.included:
            raise ValueError(
                f"-{out[0]} leaves out a pair, but no rule brings any: add a rule such as * or "
                "*/USD, or take it out"
            )
        return rules

    @property
    def by_rule(self) -> bool:
        """Whether there are rules, so that what Kraken lists decides which pairs are recorded."""
        return bool(self.included)


def _fits(wanted: str, currency: str) -> bool:
    return wanted == ANY or wanted.upper() == currency.upper()
