from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.verify.result import (
    CandleProof,
    HourRows,
    Problem,
    ProblemKind,
    SymbolProof,
    Verification,
)
from lake.verify.verified_record import RECORD, VerifiedRecord, read_record, record_verification

AT = datetime(2026, 1, 30, 12, tzinfo=UTC)
NOW = AT + timedelta(days=1)
HOUR = timedelta(hours=1)
FIRST = int(AT.timestamp()) // 3600


@pytest.fixture
def layout(tmp_path: Path) -> LakeLayout:
    """A lake's folders."""
    made = LakeLayout(base=tmp_path, exchange="KRAKEN")
    made.platform.mkdir(parents=True)
    return made


def verification(hours: int, *candles: CandleProof) -> Verification:
    """A verification without a problem, of a pair recorded from its first trade on."""
    rows = tuple(HourRows(AT + n * HOUR, 10) for n in range(hours))
    proof = SymbolProof("BTC/USD", 10 * hours, 1, 10 * hours, 0, (), 0, rows)
    return Verification(7, 1, 0, (proof,), (), candles)


def test_complete_hours_are_kept(layout: LakeLayout) -> None:
    """All but the newest, which may lack trades that have not landed."""
    assert record_verification(layout, verification(4), NOW)
    found = read_record(layout)
    assert (found.checked_at, found.commit, found.problems) == (NOW, 7, {})
    assert found.complete == {"BTC/USD": ((FIRST, FIRST + 2),)}
    assert found.against_kraken == {}


def test_hours_compared_with_kraken_add_up(layout: LakeLayout) -> None:
    """Kraken's candles reach back twelve hours; what was compared earlier stays compared."""
    early = CandleProof("BTC/USD", 60, AT, AT + HOUR - timedelta(minutes=1))
    late = CandleProof("BTC/USD", 90, AT + HOUR / 2, AT + 2 * HOUR + timedelta(minutes=5))
    record_verification(layout, verification(4, early), NOW)
    assert read_record(layout).against_kraken == {"BTC/USD": ((FIRST, FIRST),)}
    record_verification(layout, verification(5, late), NOW)
    assert read_record(layout).against_kraken == {"BTC/USD": ((FIRST, FIRST + 1),)}


def test_a_failed_verification_adds_no_hour(layout: LakeLayout) -> None:
    """It is noted how many problems of each kind there were."""
    record_verification(layout, verification(4), NOW)
    problem = Problem(ProblemKind.MISSING_FILE, "x", "")
    record_verification(layout, replace(verification(9), problems=(problem,)), NOW)
    found = read_record(layout)
    assert found.problems == {"missing file": 1}
    assert found.complete == {"BTC/USD": ((FIRST, FIRST + 2),)}
    assert found.verified_up_to == {"BTC/USD": AT + 3 * HOUR}


def test_missing_ids_are_counted(layout: LakeLayout) -> None:
    """Those without a reason, and those that the exchange does not have."""
    found = verification(2)
    gaps = replace(found.symbols[0], missing=((3, 4), (9, 9)), confirmed=2)
    record_verification(layout, replace(found, symbols=(gaps,)), NOW)
    record = read_record(layout)
    assert (record.missing, record.confirmed) == ({"BTC/USD": 3}, {"BTC/USD": 2})


def test_a_lake_that_cannot_be_written_is_verified_all_the_same(tmp_path: Path) -> None:
    """Whoever may only read it gets the result, and no error."""
    nowhere = LakeLayout(base=tmp_path / "nowhere", exchange="KRAKEN")
    assert not record_verification(nowhere, verification(4), NOW)


def test_a_record_that_is_damaged_counts_for_nothing(layout: LakeLayout) -> None:
    """The next verification writes it again."""
    (layout.platform / RECORD).write_text("{")
    assert read_record(layout) == VerifiedRecord()
