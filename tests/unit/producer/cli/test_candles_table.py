import json
from datetime import datetime
from decimal import Decimal
from io import StringIO

from rich.console import Console

from producer.cli.candles_table import as_json, as_table
from producer.kraken.rest.candles import Candle


def candle(now: datetime) -> Candle:
    """One with digits that a float would lose."""
    prices = (Decimal("0.0000000001"), Decimal(2), Decimal("0.0000000001"), Decimal("1.50"))
    return Candle("BTC/USD", now, *prices, volume=Decimal("12345678901.12345678"), count=3)


def test_the_table_has_a_row_for_each(now: datetime) -> None:
    """With every digit, as Kraken wrote them."""
    screen = StringIO()
    Console(file=screen, width=120).print(as_table([candle(now)]))
    row = screen.getvalue().strip().splitlines()[-1].split()
    assert row[:3] == ["BTC/USD", "11-24", "12:00"]
    assert row[3:] == ["0.0000000001", "2", "0.0000000001", "1.50", "12345678901.12345678", "3"]


def test_the_json_holds_decimals_as_text(now: datetime) -> None:
    """A reader that knows only floats cannot spoil them unasked."""
    (fields,) = json.loads(as_json([candle(now)]))
    assert fields["open"] == "0.0000000001"
    assert fields["volume"] == "12345678901.12345678"
    assert fields["count"] == 3
    assert datetime.fromisoformat(fields["start"]) == now
