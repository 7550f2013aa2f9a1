"""The page of one pair: its chart, its side split, and the tape of its newest trades."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.errors import BadRequest
from console.lake_view.candles import WIDTHS, Candle, merged, rolled, width_for
from console.lake_view.pair_files import PairFiles
from console.lake_view.trades import Trade
from console.web.events import Event, event, live
from console.web.site import Site, site_of
from console.web.values import amount

__all__ = ["candles_json", "chart_content", "pair_content", "pair_events", "pair_page"]

_TAPE: Final = 50
_LOOK_EVERY: Final = 0.25
_LOOKS_PER_STATUS: Final = 20
_CANDLES_SENT: Final = 20
_DIGITS: Final = 20
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


async def pair_page(request: Request) -> Response:
    """Show one pair."""
    site = site_of(request)
    await run_in_threadpool(site.view.require_lake)
    content = await run_in_threadpool(pair_content, site, request.path_params["folder"])
    return site.render(request, "pair.html", content)


def pair_content(site: Site, folder: str) -> dict[str, object]:
    """Return what the page is made from, without the chart's candles."""
    as_of = site.view.index.number

    def read(pair: PairFiles) -> tuple[PairFiles, list[Trade], list[Candle]]:
        end = pair.span[1] + _HOUR
        return (
            pair,
            site.view.trades.newest(pair, _TAPE),
            site.view.candles.candles(pair, end - _DAY, end, 3600),
        )

    pair, tape, candles = site.view.read(folder, read)
    return {
        "as_of": as_of,
        "pair": pair,
        "tape": tape,
        "candles": candles[::-1],
        "hours": [datetime.fromtimestamp(candle.at, UTC) for candle in candles[::-1]],
        "day": merged(candles[0].at, candles) if candles else None,
    }


async def candles_json(request: Request) -> Response:
    """Return the candles of a time span: `from` and `to` in seconds since 1970.

    Without `from` it begins with the first trade; without `to` it ends with the last.
    """
    wanted, until = _time(request, "from"), _time(request, "to")
    if wanted and until and wanted >= until:
        raise BadRequest("The time span ends before it begins: `from` must be before `to`.")
    site, folder = site_of(request), request.path_params["folder"]
    return JSONResponse(await run_in_threadpool(chart_content, site, folder, wanted, until))


def chart_content(
    site: Site, folder: str, wanted: datetime | None = None, until: datetime | None = None
) -> dict[str, object]:
    """Return a chart's candles, as wide as the time span needs.

    Args:
        site: the lake.
        folder: the pair's folder.
        wanted: the first moment; None for the first trade.
        until: the moment after the last; None for the last trade.
    """
    span = site.view.index.pair(folder).span
    first, end = max(wanted or span[0], span[0]), min(until or _LATEST, span[1] + _HOUR)
    width = width_for(max(1.0, (end - first).total_seconds()))

    def read(pair: PairFiles) -> list[Candle]:
        return site.view.candles.candles(pair, first, end, width)

    found = site.view.read(folder, read) if first < end else []
    return {
        "width": width,
        "first": span[0].timestamp(),
        "last": (span[1] + _HOUR).timestamp(),
        "candles": [_candle(one) for one in found],
    }


async def pair_events(request: Request) -> Response:
    """Send a pair's new trades as they land, and the candles that they change.

    They begin after the commit that the page was made of: trades land while a browser connects.
    """
    site, folder = site_of(request), request.path_params["folder"]
    site.view.index.pair(folder)
    return live(_landing(site, folder, request, _commit(request, site.view.index.number)))


async def _landing(site: Site, folder: str, request: Request, number: int) -> AsyncIterator[Event]:
    looks = 0
    while not await request.is_disconnected():
        if looks % _LOOKS_PER_STATUS == 0:
            yield event("status", site.status())
        looks += 1
        await asyncio.sleep(_LOOK_EVERY)
        landings = site.view.landings(after=number)
        if not landings:
            continue
        number = landings[-1].number
        landed = {one.path for each in landings for one in each.files if one.symbol == folder}
        if landed:
            yield event("trades", await run_in_threadpool(_landed, site, folder, landed))


def _landed(site: Site, folder: str, landed: Collection[str]) -> dict[str, object]:
    """Return the trades of some files, and the newest candles of each width up to an hour."""

    def read(pair: PairFiles) -> dict[str, object]:
        files = [
            one for hour in pair.hours.values() for one in hour.files.values() if one.path in landed
        ]
        # What compaction has replaced meanwhile is among the newest trades; so is what matters of
        # many commits.
        is_whole = len(files) == len(landed) <= _TAPE
        trades = site.view.trades
        tape = trades.of_files(files, _TAPE) if is_whole else trades.newest(pair, _TAPE)
        end = pair.span[1] + _HOUR
        seconds = site.view.candles.candles(pair, end - 2 * _HOUR, end, 1)
        return {
            "trades": [_trade(one) for one in tape],
            "candles": {
                width: [_candle(one) for one in rolled(seconds, width)[-_CANDLES_SENT:]]
                for width in WIDTHS
                if width <= _HOUR.total_seconds()
            },
        }

    return site.view.read(folder, read)


def _time(request: Request, name: str) -> datetime | None:
    given = request.query_params.get(name, "")
    if not given:
        return None
    try:
        found = datetime.fromtimestamp(float(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadRequest(f"`{name}` is not a time in seconds since 1970.") from None
    if not _EARLIEST <= found <= _LATEST:
        raise BadRequest(f"`{name}` is out of range: name a time between 1970 and 9999.")
    return found


def _commit(request: Request, newest: int) -> int:
    """Return the commit that the page is of; the newest if the address names none that is there."""
    given = request.query_params.get("after", "")
    return min(int(given), newest) if given.isdecimal() and len(given) < _DIGITS else newest


def _candle(one: Candle) -> dict[str, float | int]:
    return {
        "time": one.at,
        "open": float(one.open),
        "high": float(one.high),
        "low": float(one.low),
        "close": float(one.close),
        "volume": float(one.volume),
        "buy": float(one.buy_volume),
        "trades": one.trades,
    }


def _trade(one: Trade) -> dict[str, str | int | float]:
    return {
        "id": one.trade_id,
        "time": f"{one.executed_at:%H:%M:%S.%f}"[:-3],
        "at": one.executed_at.timestamp(),
        "price": amount(one.price),
        "volume": amount(one.volume),
        "side": one.side,
        "type": one.order_type,
    }
