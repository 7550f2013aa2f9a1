"""Whether a pair is complete on one day, in a few words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.lake_view.completeness import NOT_LANDED, HourCell, State
from lake.id_ranges import IdRanges

__all__ = ["DayVerdict", "day_verdict"]

_TEXTS: Final = {
    State.PARTLY: "recording began",
    State.CONFIRMED: "complete but for ids that Kraken lacks",
    State.ARRIVING: "still arriving",
    State.WHOLE: "complete",
    State.VERIFIED: "complete, verified",
    State.RETIRED: "verified, then retired",
    State.NOTHING: "no trade",
}
_WORST_FIRST: Final = tuple(_TEXTS)


@dataclass(frozen=True)
class DayVerdict:
    """One day of one pair.

    Attributes:
        state: the state that decides: the worst of its hours.
        text: that in a few words.
        missing: ids that may be missing on this day.
    """

    state: State
    text: str
    missing: int = 0


def day_verdict(cells: Sequence[HourCell]) -> DayVerdict:
    """Sum up the hours of a day."""
    states = {cell.state for cell in cells}
    missing = len(IdRanges(run for cell in cells for run in cell.lacking))
    if missing:
        noun = "id" if missing == 1 else "ids"
        return DayVerdict(State.PARTLY, f"{missing:,} {noun} missing", missing)
    state = next(one for one in _WORST_FIRST if one in states)
    if state is State.NOTHING and cells[0].text == NOT_LANDED:
        return DayVerdict(state, "nothing has landed yet")
    return DayVerdict(state, _TEXTS[state])
