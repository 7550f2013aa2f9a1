import json
from datetime import datetime
from io import StringIO

import pytest
from rich.console import Console

from producer.cli.listing import as_json
from producer.cli.pairs_table import as_note, as_table
from producer.model.pair_state import PairState


@pytest.fixture
def states(now: datetime) -> list[PairState]:
    """One."""
    return [
        PairState(
            exchange="KRAKEN",
            symbol="LUNA/USD",
            reason="Kraken knows it no more",
            advice="take it out",
            parked_at=now,
        )
    ]


def test_the_table_says_why_and_what_to_do(states: list[PairState]) -> None:
    """A row a pair."""
    screen = StringIO()
    Console(file=screen, width=120).print(as_table(states))
    row = " ".join(screen.getvalue().strip().splitlines()[-1].split())
    assert row == "LUNA/USD parked 2026-11-24 12:00:00 Kraken knows it no more; take it out"


def test_the_json_reads_back(states: list[PairState]) -> None:
    """An array, empty if every pair is recorded."""
    assert [
        PairState.model_validate_json(json.dumps(one)) for one in json.loads(as_json(states))
    ] == states
    assert json.loads(as_json([])) == []


def test_the_note_names_the_pairs(states: list[PairState]) -> None:
    """Without such pairs there is no note."""
    assert "LUNA/USD" in as_note(states)
    assert as_note([]) == ""
