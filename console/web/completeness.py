"""The calendars of hours: all pairs on one day, one pair in one month, and one hour."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from console.errors import BadRequest, NotThere
from console.lake_view.pair_files import PairFiles
from console.web.cells import LEGEND, PairHours, cells_of, day_rows, month_rows, unanswered
from console.web.site import Site, site_of
from runtime.clock import utc_now

__all__ = ["day_content", "day_page", "hour_page", "month_content", "month_page"]

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


def day_page(request: Request) -> Response:
    """Show the hours of one day for every pair."""
    site = site_of(request)
    site.view.require_lake()
    pairs = site.view.index.pairs()
    last = max((pair.span[1] for pair in pairs), default=utc_now())
    day = _day(request.query_params.get("day", ""), last.date())
    content = {
        **day_content(site, day, day_rows(site, pairs, day)),
        "before": _shifted(day, -1),
        "after": _shifted(day, 1),
        "yesterday": utc_now().date() - timedelta(days=1),
    }
    return site.render(request, "day.html", content)


def day_content(site: Site, day: date, rows: Sequence[PairHours]) -> dict[str, object]:
    """Return what a day's calendar is made from."""
    return {
        "day": day,
        "rows": rows,
        "states": LEGEND,
        "unanswered": unanswered(site),
    }


def month_page(request: Request) -> Response:
    """Show the hours of one month for one pair."""
    site = site_of(request)
    site.view.require_lake()
    pair = site.view.index.pair(request.path_params["folder"])
    year, month = _month(request.query_params.get("month", ""), pair.span[1])
    first = date(year, month, 1)
    content = {
        **month_content(site, pair, year, month),
        "month": first,
        "before": _shifted(first, -1),
        "after": _shifted(first.replace(day=monthrange(year, month)[1]), 1),
    }
    return site.render(request, "month.html", content)


def month_content(site: Site, pair: PairFiles, year: int, month: int) -> dict[str, object]:
    """Return what a month's calendar is made from."""
    return {
        "pair": pair,
        "rows": month_rows(site, pair, year, month),
        "states": LEGEND,
        "unanswered": unanswered(site),
    }


def hour_page(request: Request) -> Response:
    """Show the numbers of one hour of one pair, and the command that mends it."""
    site = site_of(request)
    site.view.require_lake()
    pair = site.view.index.pair(request.path_params["folder"])
    text = request.path_params["hour"]
    try:
        hour = datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError:
        raise NotThere(f"{text} names no hour; write it as 2026-01-30T18.") from None
    (cell,) = cells_of(site, pair, [hour])
    inside = pair.hours.get(hour)
    content = {
        "pair": pair,
        "cell": cell,
        "meaning": LEGEND[cell.state],
        "files": sorted(inside.files.values(), key=lambda one: one.ids[0]) if inside else [],
        "next": hour + timedelta(hours=1),
        "unanswered": unanswered(site),
    }
    return site.render(request, "hour.html", content)


def _day(text: str, newest: date) -> date:
    if not text:
        return newest
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text} names no day; write it as 2026-01-30.") from None


def _month(text: str, newest: datetime) -> tuple[int, int]:
    if not text:
        return newest.year, newest.month
    match = _MONTH.fullmatch(text)
    if match is None or not (1 <= int(match[2]) <= 12 and int(match[1])):  # noqa: PLR2004
        raise BadRequest(f"{text} names no month; write it as 2026-01.")
    return int(match[1]), int(match[2])


def _shifted(day: date, days: int) -> date | None:
    """Return a day before or after; None beyond the calendar's ends."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
