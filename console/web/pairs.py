"""The page of all pairs, and its live events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from console.lake_view.completeness import missing_count, verified_up_to
from console.lake_view.day_verdict import day_verdict
from console.lake_view.pair_files import PairFiles
from console.lake_view.trades import Trade
from console.web.cells import cells_of, hours_of
from console.web.events import Event, event, live
from console.web.site import Site, site_of
from console.web.values import amount, moment
from runtime.clock import utc_now

__all__ = ["pairs_content", "pairs_events", "pairs_page"]

_LOOK_EVERY: Final = 1.0


@dataclass(frozen=True)
class _Row:
    """One pair in the table."""

    pair: PairFiles
    last: Trade
    today: int
    rate: float
    missing: int
    verified: datetime | None


_SORTS: Final[dict[str, Callable[[_Row], object]]] = {
    "pair": lambda row: row.pair.symbol,
    "price": lambda row: row.last.price,
    "age": lambda row: -row.last.executed_at.timestamp(),
    "today": lambda row: row.today,
    "rate": lambda row: row.rate,
    "trades": lambda row: row.pair.rows,
    "missing": lambda row: row.missing,
    "verified": lambda row: row.verified.timestamp() if row.verified else 0,
}


async def pairs_page(request: Request) -> Response:
    """Show every pair."""
    site = site_of(request)
    await run_in_threadpool(site.view.require_lake)
    sort = request.query_params.get("sort", "pair")
    descending = request.query_params.get("order") == "desc"
    content = await run_in_threadpool(pairs_content, site, sort=sort, descending=descending)
    return site.render(request, "pairs.html", content)


def pairs_content(
    site: Site,
    *,
    sort: str = "pair",
    descending: bool = False,
    only: Collection[str] | None = None,
) -> dict[str, object]:
    """Return what the page is made from.

    Args:
        site: the lake.
        sort: the column to sort by.
        descending: from the largest value down.
        only: the folders of the pairs to list; None for all.
    """
    sort = sort if sort in _SORTS else "pair"
    rows = [row for row in _rows(site) if only is None or row.pair.folder in only]
    rows.sort(key=_SORTS[sort], reverse=descending)  # type: ignore[arg-type]  # each is one kind
    yesterday = utc_now().date() - timedelta(days=1)
    hours = hours_of(yesterday)
    return {
        "rows": rows,
        "sort": sort,
        "descending": descending,
        "total": sum(row.pair.rows for row in rows),
        "rate": sum(row.rate for row in rows),
        "parked": site.known_reasons().parked,
        "yesterday_date": yesterday,
        "yesterday": {
            row.pair.folder: day_verdict(cells_of(site, row.pair, hours)) for row in rows
        },
    }


async def pairs_events(request: Request) -> Response:
    """Send the values of the pairs that changed, once a second at most."""
    return live(_changes(site_of(request), request))


async def _changes(site: Site, request: Request) -> AsyncIterator[Event]:
    before: dict[str, dict[str, object]] = {}
    number = -1
    while not await request.is_disconnected():
        yield event("status", site.status())
        if site.view.index.number != number or before:
            number = site.view.index.number
            rows = await run_in_threadpool(_rows, site)
            now = {row.pair.folder: _values(row) for row in rows}
            changed = {key: one for key, one in now.items() if before.get(key) != one}
            if changed:
                total = amount(sum(row.pair.rows for row in rows))
                rate = amount(sum(row.rate for row in rows))
                data = {"pairs": changed, "commit": number, "total": total, "rate": rate}
                yield event("pairs", data)
            before = now
        await asyncio.sleep(_LOOK_EVERY)


def _rows(site: Site) -> list[_Row]:
    now, record = utc_now(), site.view.record()
    known = site.known_reasons().known
    rates = site.view.index.rates(now)

    def read(pairs: list[PairFiles]) -> list[_Row]:
        last = site.view.trades.last(pairs)
        return [
            _Row(
                pair,
                last[pair.folder],
                sum(one.rows for at, one in pair.hours.items() if at.date() == now.date()),
                rates[pair.folder] / 60,
                missing_count(pair, known),
                verified_up_to(pair, record),
            )
            for pair in pairs
        ]

    return site.view.read_all(read)


def _values(row: _Row) -> dict[str, object]:
    return {
        "price": amount(row.last.price),
        "side": row.last.side,
        "at": row.last.executed_at.timestamp(),
        "today": amount(row.today),
        "rate": amount(row.rate),
        "trades": amount(row.pair.rows),
        "missing": amount(row.missing),
        "verified": moment(row.verified)[:16],
    }
