import json
from datetime import datetime
from io import StringIO

import pytest
from rich.console import Console

from producer.cli.holes_table import as_table
from producer.cli.listing import as_json
from producer.model.gaps.hole import Hole


@pytest.fixture
def holes(now: datetime) -> list[Hole]:
    """One."""
    return [
        Hole(
            exchange="KRAKEN",
            symbol="BTC/USD",
            first_trade_id=10_218_300,
            last_trade_id=10_218_302,
            confirmed_at=now,
        )
    ]


def test_the_table_has_a_row_for_each(holes: list[Hole]) -> None:
    """With how many ids are missing."""
    screen = StringIO()
    Console(file=screen, width=100).print(as_table(holes))
    row = screen.getvalue().strip().splitlines()[-1]
    assert row.split() == ["BTC/USD", "10218300", "10218302", "3", "2026-11-24", "12:00:00"]


def test_the_json_reads_back(holes: list[Hole]) -> None:
    """An array, empty if nothing is missing."""
    assert [
        Hole.model_validate_json(json.dumps(one)) for one in json.loads(as_json(holes))
    ] == holes
    assert json.loads(as_json([])) == []
