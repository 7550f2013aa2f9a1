"""The trades of the readers' lake, as whole numbers, and what is true of them.

Chosen for what readers get wrong: a turnover that outgrows 128 bits in a quotient, a coin whose
price times volume has eighteen decimals, a symbol that begins with a digit, files without the later
column, trades on both sides of a full hour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

HOURS = tuple(datetime(2026, 1, 30, hour, tzinfo=UTC) for hour in (17, 18, 19))
"""The hours of the lake: in the first all files lack the later column, in the last none does."""

SCALE = 10**10
"""Prices and volumes are whole numbers of this fraction: DECIMAL(28,10)."""

BTC, INCH, PEPE = "BTC_USD", "1INCH_USD", "PEPE_USD"
WHOLE_PRICE = 72_944
"""A price without decimals, in the middle of those of BTC."""

PRICE_WITH_DECIMALS = 729_444 * SCALE // 10
"""72,944.4 in units of 1e-10: its nearest double is another number in some readers."""

RANGE = (HOURS[1] - timedelta(microseconds=1), HOURS[1] + timedelta(microseconds=2_000_006))
"""Times from and below which readers ask for: the first and the last of them are trades' times."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class Row:
    """A trade.

    Attributes:
        symbol: As its folder is named.
        trade_id: Its id.
        price: In units of 1e-10.
        volume: In units of 1e-10.
        executed_at: Microseconds since 1970.
        feed: The column of the second version; None in files of the first.
    """

    symbol: str
    trade_id: int
    price: int
    volume: int
    executed_at: int
    feed: str | None


def rows() -> list[Row]:
    """Every trade, in the order of symbol and id."""
    return [*_of_symbol(BTC, 800), *_of_symbol(INCH, 7), *_of_symbol(PEPE, 300)]


def _of_symbol(symbol: str, in_an_hour: int) -> Iterator[Row]:
    for hour, begins in enumerate(HOURS):
        first = (begins - _EPOCH) // _MICRO
        for at in range(in_an_hour):
            number = hour * in_an_hour + at
            is_last = at == in_an_hour - 1
            price, volume = _amounts(symbol, number)
            yield Row(
                symbol,
                1_000 + number,
                price,
                volume,
                # The first and the last trade lie on the edges of the hour.
                first + (3_600_000_000 - 1 if is_last else at * 1_000_003),
                _feed(hour, at, in_an_hour),
            )


def _amounts(symbol: str, number: int) -> tuple[int, int]:
    """Price and volume: of BTC a turnover of some 240 million, of PEPE volumes above 10^10."""
    if symbol == BTC:
        cents = 10 * (number % 41 - 20)
        return WHOLE_PRICE * SCALE + cents * SCALE // 100, SCALE + 12_345_678 * 100 * (number % 7)
    if symbol == INCH:
        return 2_345_000_000 + number, 7 * SCALE + number
    return 12_345 + number, 98_765_432_109 * SCALE + 8_765_432_101 + number


def _feed(hour: int, at: int, in_an_hour: int) -> str | None:
    """The first hour is of the first version, the second of both, the third of the second."""
    is_second_version = hour == 2 or (hour == 1 and at >= in_an_hour // 2)
    return ("REST", "WEBSOCKET")[at % 2] if is_second_version else None


def of_symbol(symbol: str) -> list[Row]:
    """The trades of one symbol."""
    return [row for row in rows() if row.symbol == symbol]


def counts() -> dict[str, int]:
    """Trades, by symbol."""
    return {symbol: len(of_symbol(symbol)) for symbol in (BTC, INCH, PEPE)}


def volumes() -> dict[str, Fraction]:
    """The exact sum of the volumes, by symbol."""
    return {symbol: Fraction(total, SCALE) for symbol, total in _sums(lambda row: row.volume)}


def turnovers() -> dict[str, Fraction]:
    """The exact sum of price times volume, by symbol."""
    sums = _sums(lambda row: row.price * row.volume)
    return {symbol: Fraction(total, SCALE * SCALE) for symbol, total in sums}


def vwaps() -> dict[str, Fraction]:
    """The exact volume-weighted price, by symbol."""
    volume = volumes()
    return {symbol: turnover / volume[symbol] for symbol, turnover in turnovers().items()}


def _sums(amount: Callable[[Row], int]) -> Iterator[tuple[str, int]]:
    for symbol in (BTC, INCH, PEPE):
        yield symbol, sum(amount(row) for row in of_symbol(symbol))
