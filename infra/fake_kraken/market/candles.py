"""An OHLC answer, computed from a tape's trades as Kraken computes it from its own.

As in a recorded answer: the open minute comes last, after up to 720 closed minutes; a minute
without a trade has the price before it; `last` is the newest closed minute. The tape's current time
is that of its newest trade.
"""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from decimal import ROUND_DOWN, Decimal
from itertools import groupby
from typing import Final

from infra.fake_kraken.market.tape import Tape

__all__ = ["MOST_CANDLES", "write_candles"]

MOST_CANDLES: Final = 720
"""Maximum number of closed minutes in one answer; with the open one there are 721."""
_MINUTE: Final = 60
_NANOSECONDS: Final = 10**9
_ZERO: Final = Decimal(0)
_VOLUME_STEP: Final = Decimal("0.00000001")

Deal = tuple[int, Decimal, Decimal]
"""Minute, price and volume."""
Candle = list[int | str]


def write_candles(
    tape: Tape,
    *,
    since: int | None,
    now: int,
    missing: AbstractSet[int] = frozenset(),
) -> bytes:
    """Write the answer's body.

    Args:
        tape: The pair's trades.
        since: Unix seconds; minutes that began then or before are left out, except the open one.
        now: Unix nanoseconds; later trades do not exist yet.
        missing: The numbers of trades that are left out.
    """
    visible = tape.visible(now)
    newest = tape.cursor(visible - 1) // _NANOSECONDS if visible else now // _NANOSECONDS
    open_minute = newest // _MINUTE * _MINUTE
    begin = open_minute - MOST_CANDLES * _MINUTE
    if since is not None:
        begin = min(max(begin, since // _MINUTE * _MINUTE + _MINUTE), open_minute)
    start = tape.first_after(begin * _NANOSECONDS - 1)
    deals = _deals(tape, range(start, visible), missing)
    before = [number for number in range(max(0, start - 1000), start) if number not in missing]
    price = next((price for _, price, _ in _deals(tape, before[-1:])), None)
    candles = _candles(deals, price, begin, open_minute, _price_step(tape))
    rows = ",".join(json.dumps(candle, separators=(",", ":")) for candle in candles)
    last = open_minute - _MINUTE
    return f'{{"error":[],"result":{{"{tape.pair.rest_name}":[{rows}],"last":{last}}}}}'.encode()


def _candles(
    deals: Iterator[Deal], price: Decimal | None, begin: int, open_minute: int, step: Decimal
) -> Iterator[Candle]:
    """Yield a row for each minute, from the first one that has a price to the open one."""
    due = begin
    for minute, group in groupby(deals, key=lambda deal: deal[0]):
        if price is not None:
            yield from (_quiet(empty, price, step) for empty in range(due, minute, _MINUTE))
        traded = [(price, volume) for _, price, volume in group]
        yield _candle(minute, traded, step)
        price, due = traded[-1][0], minute + _MINUTE
    if price is not None:
        yield from (_quiet(empty, price, step) for empty in range(due, open_minute + 1, _MINUTE))


def _candle(minute: int, traded: Sequence[tuple[Decimal, Decimal]], step: Decimal) -> Candle:
    prices = [price for price, _ in traded]
    volume = sum((volume for _, volume in traded), _ZERO)
    average = sum((price * volume for price, volume in traded), _ZERO) / volume
    shown = [prices[0], max(prices), min(prices), prices[-1]]
    return [
        minute,
        *(f"{price.quantize(step):f}" for price in shown),
        # Truncated, not rounded, as in all of 61 recorded candles.
        f"{average.quantize(step, ROUND_DOWN):f}",
        f"{volume.quantize(_VOLUME_STEP):f}",
        len(traded),
    ]


def _quiet(minute: int, price: Decimal, step: Decimal) -> Candle:
    same, none = f"{price.quantize(step):f}", f"{_ZERO.quantize(step):f}"
    return [minute, same, same, same, same, none, f"{_ZERO.quantize(_VOLUME_STEP):f}", 0]


def _deals(
    tape: Tape, numbers: Sequence[int], missing: AbstractSet[int] = frozenset()
) -> Iterator[Deal]:
    """Yield minute, price and volume of each row. Read 1,000 at a time: there may be millions."""
    for at in range(0, len(numbers), 1000):
        some = [number for number in numbers[at : at + 1000] if number not in missing]
        for row in tape.rows(some):
            price, volume, time, _ = row[1:].split(",", 3)
            minute = int(time.split(".")[0]) // _MINUTE * _MINUTE
            yield minute, Decimal(price.strip('"')), Decimal(volume.strip('"'))


def _price_step(tape: Tape) -> Decimal:
    """Return the step of the pair's prices in an answer, from AssetPairs."""
    return Decimal(1).scaleb(-int(json.loads(tape.pair.entry)["pair_decimals"]))
