import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from producer.cli.gaps_table import as_table
from producer.cli.listing import as_json
from producer.model.gaps.open_gap import OpenGap


@pytest.fixture
def gaps(now: datetime) -> list[OpenGap]:
    """One that has been asked for twice."""
    return [
        OpenGap(
            exchange="KRAKEN",
            symbol="BTC/USD",
            first_trade_id=101,
            last_trade_id=103,
            asked=2,
            ask_at=now + timedelta(minutes=1),
            found_at=now,
        )
    ]


def test_the_table_has_a_row_for_each(gaps: list[OpenGap]) -> None:
    """Since when, how often it was asked for, and when it is next."""
    screen = StringIO()
    Console(file=screen, width=120).print(as_table(gaps))
    row = screen.getvalue().strip().splitlines()[-1].split()
    assert row[:4] == ["BTC/USD", "101", "103", "3"]
    assert row[4:] == ["2026-11-24", "12:00:00", "2", "2026-11-24", "12:01:00"]


def test_the_json_reads_back(gaps: list[OpenGap]) -> None:
    """An array, empty if nothing is missing."""
    assert [OpenGap.model_validate_json(json.dumps(one)) for one in json.loads(as_json(gaps))] == (
        gaps
    )
    assert json.loads(as_json([])) == []
