"""What a report shows: its pairs, days and charts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from console.errors import NotThere, TooSlow
from console.lake_view.completeness import HourCell, State, missing_count
from console.lake_view.pair_files import PairFiles
from console.web.cells import PairHours
from console.web.faults import FAULTS, fault_sentence
from console.web.pair import chart_content, pair_content
from console.web.site import Site
from runtime.clock import utc_now

__all__ = ["Lacking", "PairPart", "chosen_pairs", "days_of", "lacking", "most_wanted", "pair_parts"]

_MOST_CHARTED: Final = 12
_MOST_IN_CALENDAR: Final = 300
_MOST_LACKING: Final = 100
_CHARTED: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_ATTEMPTS: Final = 4


@dataclass(frozen=True)
class PairPart:
    """The part of one pair.

    Attributes:
        pair: the pair.
        content: what its tables are made from; None if that could not be read.
        candles: those of its chart; empty if they could not be read.
        fault: why; empty if they could be.
    """

    pair: PairFiles
    content: dict[str, object] | None = None
    candles: object = ()
    fault: str = ""


@dataclass(frozen=True)
class Lacking:
    """An hour that is partly there.

    Attributes:
        pair: its pair.
        cell: what is known of it.
    """

    pair: PairFiles
    cell: HourCell


def chosen_pairs(site: Site, symbols: Collection[str]) -> list[PairFiles]:
    """Return the pairs of these symbols; all if there are none.

    Raises:
        NotThere: The lake has no trade of one of them.
    """
    pairs = site.view.index.pairs()
    if not symbols:
        return pairs
    known = {pair.symbol: pair for pair in pairs}
    if absent := [symbol for symbol in symbols if symbol not in known]:
        raise NotThere(
            f"The lake has no trade of {', '.join(absent)}. `kraken-lake report` lists all."
        )
    return [known[symbol] for symbol in symbols]


def most_wanted(site: Site, pairs: Sequence[PairFiles]) -> list[PairFiles]:
    """Return the pairs whose hours are shown: all, or those with the most missing ids."""
    known = site.known_reasons().known
    ranked = sorted(pairs, key=lambda one: (-missing_count(one, known), -one.rows))
    return sorted(ranked[:_MOST_IN_CALENDAR], key=lambda one: one.symbol)


def days_of(pairs: Sequence[PairFiles]) -> list[date]:
    """Return the days whose hours are shown: the newest, the one before it, and yesterday."""
    yesterday = utc_now().date() - _DAY
    newest = max((pair.span[1].date() for pair in pairs), default=yesterday)
    return sorted({newest, newest - _DAY, yesterday}, reverse=True)


def lacking(calendars: Sequence[Sequence[PairHours]]) -> list[Lacking]:
    """Return the hours of some days that are partly there, at most a hundred."""
    found = [
        Lacking(pair, cell)
        for rows in calendars
        for pair, cells in rows
        for cell in cells
        if cell.state is State.PARTLY
    ]
    return found[:_MOST_LACKING]


def pair_parts(site: Site, pairs: Sequence[PairFiles]) -> list[PairPart]:
    """Return the parts of the pairs with the most trades, in the order of their symbols."""
    ranked = sorted(pairs, key=lambda one: -one.rows)[:_MOST_CHARTED]
    return [_pair_part(site, pair) for pair in sorted(ranked, key=lambda one: one.symbol)]


def _pair_part(site: Site, pair: PairFiles) -> PairPart:
    content, fault = None, ""
    since = pair.span[1] + _HOUR - _CHARTED
    for _ in range(_ATTEMPTS):
        try:
            content = content or pair_content(site, pair.folder)
            return PairPart(pair, content, chart_content(site, pair.folder, since)["candles"])
        except TooSlow as error:
            # What was read is kept: the next attempt goes on from there.
            fault = str(error)
        except FAULTS as error:
            return PairPart(pair, content, fault=fault_sentence(error))
    return PairPart(pair, content, fault=fault)
