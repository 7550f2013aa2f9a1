from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lake.errors import LakeDamaged
from lake.log.commit import DataFile
from lake.log.retirement_file import (
    RetiredHour,
    read_retired,
    read_retired_ids,
    write_retired,
)
from tests.unit.lake.lakes import AT
from tests.unit.lake.retiring import of_hour

NOW = datetime(2026, 11, 30, 9, 30, 1, 234567, tzinfo=UTC)


def an_hour(hour: int, *ids: tuple[int, int]) -> RetiredHour:
    """What is retired with a file of these ids."""
    file = DataFile(
        path=f"KRAKEN/{of_hour(hour)}/part-0000000012-00000.parquet",
        staged="",
        rows=sum(last - first + 1 for first, last in ids),
        bytes=831,
        checksum="c",
        symbol="BTC_USD",
        ids=ids,
        first_at=1_769_796_011_000_123,
        volume=Decimal("0.0005525000"),
    )
    return RetiredHour.of(file, AT, NOW)


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    """To the microsecond and the last digit; what was not stated is not made up."""
    hours = [an_hour(15, (1, 2), (5, 6)), an_hour(16, (7, 7))]
    write_retired(hours, tmp_path / "proof.parquet")
    assert list(read_retired(tmp_path / "proof.parquet")) == hours
    first = hours[0]
    assert (first.trades, first.first_id, first.last_id, first.missing) == (4, 1, 6, ((3, 4),))
    assert first.first_at == datetime(2026, 1, 30, 18, 0, 11, 123, tzinfo=UTC)
    assert first.last_at is None


def test_ids_are_read_alone(tmp_path: Path) -> None:
    """The same as with all columns."""
    hours = [an_hour(15, (1, 2), (5, 6)), an_hour(16, (7, 7)), an_hour(17, (8, 9), (12, 30))]
    write_retired(hours, tmp_path / "proof.parquet")
    assert list(read_retired_ids(tmp_path / "proof.parquet")) == [
        ("BTC_USD", one.hour, one.ids) for one in hours
    ]


@pytest.mark.parametrize("read", [read_retired, read_retired_ids])
@pytest.mark.parametrize("content", [None, b"", b"PAR1 and nothing else"])
def test_a_damaged_proof_is_named(tmp_path: Path, read: object, content: bytes | None) -> None:
    """With what to do, also if it is gone."""
    path = tmp_path / "proof.parquet"
    if content is not None:
        path.write_bytes(content)
    assert callable(read)
    with pytest.raises(LakeDamaged, match=r"proof\.parquet, the proof of retired trades, cannot"):
        list(read(path))
