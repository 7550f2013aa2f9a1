"""Who knows something of a lake's trades that the lake cannot know: the exchange and the broker."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lake.candle_audit import Candle
from lake.completeness import Holes
from lake.errors import WitnessSilent
from lake.source_state import SourceState

__all__ = ["NOBODY", "Statements", "Witnesses"]

T = TypeVar("T")


@dataclass(frozen=True)
class Statements:
    """What was told.

    Attributes:
        holes: runs of ids that the exchange said do not exist, per symbol folder.
        candles: what the exchange tells of the last hours; None if it was not asked.
        source: the topic as it stands; None if nobody was asked.
        silent: who was asked and did not answer, a sentence each.
    """

    holes: Holes
    candles: Sequence[Candle] | None
    source: SourceState | None
    silent: tuple[str, ...]


def _no_holes() -> Holes:
    return {}


@dataclass(frozen=True)
class Witnesses:
    """Whom to ask about a lake.

    Attributes:
        holes: tells the ids that the exchange does not have.
        candles: tells the candles of some symbols; None to ask nobody.
        source: tells how the topic stands; None to ask nobody.
        may_be_silent: whether the lake is verified without those who do not answer.
    """

    holes: Callable[[], Holes] = _no_holes
    candles: Callable[[Collection[str]], Sequence[Candle]] | None = None
    source: Callable[[], SourceState] | None = None
    may_be_silent: bool = False

    def hear(self, symbols: Collection[str]) -> Statements:
        """Ask all of them.

        To be called once the commit log has been read: then none of them knows less than it.

        Args:
            symbols: canonical, those that the lake holds.

        Raises:
            WitnessSilent: one did not answer, and may not be silent.
        """
        silent: list[str] = []

        def heard(ask: Callable[[], T]) -> T | None:
            try:
                return ask()
            except WitnessSilent as error:
                if not self.may_be_silent:
                    raise
                silent.append(str(error))
                return None

        ask_candles = self.candles
        holes = heard(self.holes) or {}
        source = heard(self.source) if self.source else None
        candles = heard(lambda: ask_candles(symbols)) if ask_candles and symbols else None
        return Statements(holes, candles, source, tuple(silent))


NOBODY = Witnesses()
"""The lake alone is looked at."""
