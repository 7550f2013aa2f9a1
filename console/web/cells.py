"""The hours of a pair, judged by all that the pages know."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from console.lake_view.completeness import HourCell, State, hour_cells
from console.lake_view.pair_files import PairFiles
from console.web.site import Site
from runtime.clock import utc_now

__all__ = [
    "LEGEND",
    "PairHours",
    "cells_of",
    "day_rows",
    "hours_of",
    "month_rows",
    "unanswered",
]

LEGEND: Final = {
    State.VERIFIED: "verified against Kraken",
    State.WHOLE: "whole",
    State.ARRIVING: "still arriving",
    State.CONFIRMED: "confirmed gap",
    State.PARTLY: "partly there",
    State.RETIRED: "retired",
    State.NOTHING: "nothing",
}


PairHours = tuple[PairFiles, list[HourCell]]
"""A pair, and some of its hours."""


def hours_of(day: date) -> list[datetime]:
    """Return the starts of a day's hours, UTC."""
    return [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in range(24)]


def cells_of(site: Site, pair: PairFiles, hours: Sequence[datetime]) -> list[HourCell]:
    """Describe some hours of a pair."""
    return hour_cells(
        pair,
        hours,
        known=site.known_reasons().known,
        record=site.view.record(),
        now=utc_now(),
    )


def day_rows(site: Site, pairs: Sequence[PairFiles], day: date) -> list[PairHours]:
    """Return the hours of some pairs on one day."""
    hours = hours_of(day)
    return [(pair, cells_of(site, pair, hours)) for pair in pairs]


def month_rows(
    site: Site, pair: PairFiles, year: int, month: int
) -> list[tuple[date, list[HourCell]]]:
    """Return the recorded days of a month, each with its hours."""
    whole = (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))
    first_hour, last_hour = pair.recorded_span
    days = [day for day in whole if first_hour.date() <= day <= last_hour.date()]
    cells = cells_of(site, pair, [hour for day in days for hour in hours_of(day)])
    return [(day, cells[24 * at : 24 * at + 24]) for at, day in enumerate(days)]


def unanswered(site: Site) -> str:
    """Say why confirmed gaps cannot be told from missing ids; empty if they can."""
    answer = site.reasons.answer(patience=0)
    if answer.value is not None:
        return ""
    if answer.pending:
        return "The producer's programs are being asked which missing ids Kraken confirmed."
    return f"Confirmed gaps are shown as missing, since nobody answered: {answer.fault}"
