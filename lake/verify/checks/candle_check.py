"""Compares the lake's rows with the exchange's own candles, minute by minute.

A minute is compared only if the lake holds all of it: it must also hold the trade before its first
one and the trade after its last one, with none missing between. Ids show that, since the only gaps
in them are those that the exchange confirmed; times could not.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from itertools import groupby

from pydantic import AwareDatetime, BaseModel, ConfigDict

from lake.id_ranges import IdRanges, Run
from lake.layout import LakeLayout, hour_of_path, symbol_from_folder
from lake.log.commit import DataFile
from lake.read.duckdb_batches import in_batches, open_duckdb
from lake.storage.local_copies import local_names
from lake.verify.result import CandleProof, Problem, ProblemKind

__all__ = ["CANDLE_COLUMNS", "Candle", "check_candles"]

CANDLE_COLUMNS = ("trade_id", "executed_at", "price", "volume")
"""The columns that candles are computed from."""

_MINUTE = timedelta(minutes=1)
_EXACT = Context(prec=100)
_MINUTES = """
    SELECT make_timestamp(epoch_us(executed_at) // 60000000 * 60000000), count(*), sum(volume),
           arg_min(price, trade_id), max(price), min(price), arg_max(price, trade_id),
           min(trade_id), max(trade_id)
    FROM read_parquet($paths, hive_partitioning = false, union_by_name = true)
    GROUP BY 1
"""


class Candle(BaseModel):
    """One candle of `kraken-lake candles --json`: a minute's trades by the exchange.

    Attributes:
        symbol: the pair's canonical symbol.
        start: when the minute began, UTC.
        open, high, low, close: prices; meaningless if nothing was traded.
        volume: the sum of all volumes, in the base currency.
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

    def plus(self, other: "_Minute") -> "_Minute":
        """Return this minute with further rows of it."""
        return _Minute(
            count=self.count + other.count,
            volume=_EXACT.add(self.volume, other.volume),
            open=self.open if self.first_id <= other.first_id else other.open,
            high=max(self.high, other.high),
            low=min(self.low, other.low),
            close=self.close if self.last_id >= other.last_id else other.close,
            first_id=min(self.first_id, other.first_id),
            last_id=max(self.last_id, other.last_id),
        )


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
        candles: the exchange's candles.
        confirmed: ranges of ids that the exchange said do not exist, per symbol folder.

    Raises:
        duckdb.Error: A file vanished meanwhile.
    """
    by_symbol: dict[str, dict[datetime, Candle]] = {}
    for candle in candles:
        by_symbol.setdefault(candle.symbol, {})[candle.start] = candle
    proofs: list[CandleProof] = []
    problems: list[Problem] = []
    for folder, group in groupby(sorted(files, key=_folder), key=_folder):
        symbol = symbol_from_folder(folder)
        if symbol not in by_symbol:
            continue
        own = list(group)
        held = _held(own, IdRanges(confirmed.get(folder, ())))
        compared = []
        for minute, theirs, ours in _pairs(layout, own, by_symbol[symbol], held):
            compared.append(minute)
            problems += _difference(layout.exchange, symbol, minute, theirs, ours)
        first_and_last = (compared[0], compared[-1]) if compared else (None, None)
        proofs.append(CandleProof(symbol, len(compared), *first_and_last))
    return tuple(proofs), problems


def _folder(file: DataFile) -> str:
    return file.symbol


def _held(files: Iterable[DataFile], holes: IdRanges) -> IdRanges:
    """Return the ids in these files, together with the holes between two of them."""
    landed = IdRanges(run for file in files for run in file.ids)
    bridges = [run for run in holes if run[0] - 1 in landed and run[1] + 1 in landed]
    return IdRanges([*landed, *bridges])


def _pairs(
    layout: LakeLayout,
    files: Sequence[DataFile],
    candles: Mapping[datetime, Candle],
    held: IdRanges,
) -> Iterator[tuple[datetime, Candle | None, _Minute | None]]:
    """Yield each minute that the lake holds in full, with the data of both sides."""
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
    """Return the ids that the lake must hold to hold the whole minute; None if they are unknown.

    They are the minute's own ids, the one before and the one after.
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
    """Read the rows of the hours that the candles cover, as one summary per minute."""
    from_hour = first.replace(minute=0)
    paths = [
        layout.base / file.path for file in files if from_hour <= hour_of_path(file.path) <= last
    ]
    if not paths:
        return {}
    minutes: dict[datetime, _Minute] = {}
    with open_duckdb() as connection:
        for batch in in_batches(paths):
            with local_names(batch) as names:
                found = connection.execute(_MINUTES, {"paths": names}).fetchall()
            for at, *figures in found:
                minute, part = at.replace(tzinfo=UTC), _Minute(*figures)
                before = minutes.get(minute)
                minutes[minute] = part if before is None else before.plus(part)
    return minutes


def _difference(
    exchange: str, symbol: str, minute: datetime, theirs: Candle | None, ours: _Minute | None
) -> Iterator[Problem]:
    """Yield one problem for a minute in which anything differs."""
    fields = ["count", "volume"]
    if theirs and theirs.count and ours:
        fields += ["open", "high", "low", "close"]
    differing = [
        f"{field} is {_shown(theirs, field)} at {exchange} and {_shown(ours, field)} here"
        for field in fields
        if getattr(theirs, field, 0) != getattr(ours, field, 0)
    ]
    if differing:
        advice = (
            f"{', '.join(differing)}. Restore the files of that hour from a copy of the lake, or "
            "fetch the hour again into another lake to see which is right."
        )
        yield Problem(ProblemKind.OTHER_CANDLE, f"{symbol} {minute:%Y-%m-%dT%H:%MZ}", advice)


def _shown(minute: Candle | _Minute | None, field: str) -> str:
    value = getattr(minute, field, 0)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
