"""The lake's rows against the exchange's own candles, minute by minute.

A minute is compared if the lake holds all of it: the trade before its first one and the trade after
its last one are there too, with nothing missing between. Ids tell that, for they have no gaps but
those that the exchange confirmed; times could not.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import duckdb
from pydantic import AwareDatetime, BaseModel, ConfigDict

from lake.id_ranges import IdRanges, Run
from lake.layout import LakeLayout, hour_of_path, symbol_from_folder
from lake.log.commit import DataFile
from lake.verify.result import CandleProof, Problem, ProblemKind

__all__ = ["CANDLE_COLUMNS", "Candle", "check_candles"]

CANDLE_COLUMNS = ("trade_id", "executed_at", "price", "volume")
"""What of a trade a candle is made from."""

_MINUTE = timedelta(minutes=1)
_MINUTES = """
    SELECT make_timestamp(epoch_us(executed_at) // 60000000 * 60000000), count(*), sum(volume),
           arg_min(price, trade_id), max(price), min(price), arg_max(price, trade_id),
           min(trade_id), max(trade_id)
    FROM read_parquet($paths, hive_partitioning = false, union_by_name = true)
    GROUP BY 1
"""


class Candle(BaseModel):
    """One of `python -m producer candles --json`: the trades of a minute, by the exchange.

    Attributes:
        symbol: the pair, canonical.
        start: when the minute began, UTC.
        open, high, low, close: prices; of no meaning where nothing was traded.
        volume: all volumes together.
        count: how many trades.
    """

    model_config = ConfigDict(frozen=True)

    symbol: str
    start: AwareDatetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    count: int


@dataclass(frozen=True)
class _Minute:
    """The lake's rows of one minute."""

    count: int
    volume: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    first_id: int
    last_id: int


def check_candles(
    layout: LakeLayout,
    files: Sequence[DataFile],
    candles: Iterable[Candle],
    confirmed: Mapping[str, Iterable[Run]],
) -> tuple[tuple[CandleProof, ...], list[Problem]]:
    """Compare count, volume and the four prices of each minute that the lake holds.

    Args:
        layout: the lake.
        files: its files whose rows can be read.
        candles: what the exchange tells.
        confirmed: runs of ids that the exchange said do not exist, per symbol folder.

    Raises:
        duckdb.Error: a file vanished meanwhile.
    """
    told: dict[str, dict[datetime, Candle]] = {}
    for candle in candles:
        told.setdefault(candle.symbol, {})[candle.start] = candle
    proofs: list[CandleProof] = []
    problems: list[Problem] = []
    for folder, group in groupby(sorted(files, key=_folder), key=_folder):
        symbol = symbol_from_folder(folder)
        if symbol not in told:
            continue
        own = list(group)
        held = _held(own, IdRanges(confirmed.get(folder, ())))
        compared = []
        for minute, theirs, ours in _pairs(layout, own, told[symbol], held):
            compared.append(minute)
            problems += _difference(layout.exchange, symbol, minute, theirs, ours)
        span = (compared[0], compared[-1]) if compared else (None, None)
        proofs.append(CandleProof(symbol, len(compared), *span))
    return tuple(proofs), problems


def _folder(file: DataFile) -> str:
    return file.symbol


def _held(files: Iterable[DataFile], holes: IdRanges) -> IdRanges:
    """The ids in these files, together with the holes between two of them."""
    landed = IdRanges(run for file in files for run in file.ids)
    bridges = [run for run in holes if run[0] - 1 in landed and run[1] + 1 in landed]
    return IdRanges([*landed, *bridges])


def _pairs(
    layout: LakeLayout,
    files: Sequence[DataFile],
    candles: Mapping[datetime, Candle],
    held: IdRanges,
) -> Iterator[tuple[datetime, Candle | None, _Minute | None]]:
    """Each minute that the lake holds, with what both sides have of it."""
    first, last = min(candles), max(candles)
    rows = _read(layout, files, first, last)
    minutes = sorted(rows)
    minute = first
    while minute <= last:
        around = _around(minute, rows, minutes)
        if around is not None and held.covers(*around):
            yield minute, candles.get(minute), rows.get(minute)
        minute += _MINUTE


def _around(
    minute: datetime, rows: Mapping[datetime, _Minute], minutes: Sequence[datetime]
) -> Run | None:
    """The ids that the lake must hold so that it holds the minute; None where nothing tells them.

    Those are the minute's own, the one before and the one after.
    """
    own = rows.get(minute)
    if own is not None:
        return max(own.first_id - 1, 1), own.last_id + 1
    at = bisect_left(minutes, minute)
    before = rows[minutes[at - 1]].last_id if at else None
    after = rows[minutes[at]].first_id if at < len(minutes) else None
    if before is not None and after is not None:
        return min(before, after), max(before, after)
    if before is not None:
        return before, before + 1
    return None if after is None else (max(after - 1, 1), after)


def _read(
    layout: LakeLayout, files: Iterable[DataFile], first: datetime, last: datetime
) -> dict[datetime, _Minute]:
    """The rows of whole hours, so that what comes before or after them is told by the ids alone."""
    from_hour = first.replace(minute=0)
    paths = [
        str(layout.base / file.path)
        for file in files
        if from_hour <= hour_of_path(file.path) <= last
    ]
    if not paths:
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(_MINUTES, {"paths": paths}).fetchall()
    return {minute.replace(tzinfo=UTC): _Minute(*figures) for minute, *figures in rows}


def _difference(
    exchange: str, symbol: str, minute: datetime, theirs: Candle | None, ours: _Minute | None
) -> Iterator[Problem]:
    """The one problem of a minute in which anything differs."""
    fields = ["count", "volume"]
    if theirs and theirs.count and ours:
        fields += ["open", "high", "low", "close"]
    differing = [
        f"{field} is {_shown(theirs, field)} at {exchange} and {_shown(ours, field)} here"
        for field in fields
        if getattr(theirs, field, 0) != getattr(ours, field, 0)
    ]
    if differing:
        told = (
            f"{', '.join(differing)}. Restore the files of that hour from a copy of the lake, or "
            "fetch it anew into another lake and see who is right."
        )
        yield Problem(ProblemKind.OTHER_CANDLE, f"{symbol} {minute:%Y-%m-%dT%H:%MZ}", told)


def _shown(minute: Candle | _Minute | None, field: str) -> str:
    value = getattr(minute, field, 0)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
