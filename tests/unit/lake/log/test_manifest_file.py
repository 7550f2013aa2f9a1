from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lake.errors import LakeDamaged
from lake.log.commit import Commit, CommitRange, DataFile, LeftOut, QuarantineFile, Role
from lake.log.manifest import Manifest
from lake.log.manifest_file import as_parquet, read_header, read_whole
from tests.unit.lake.log.test_commit_log import a_commit


def a_full_commit() -> Commit:
    """A commit with a value in every field of its files."""
    data = DataFile(
        path="KRAKEN/year=2026/month=1/day=30/hour=18/symbol=BTC_USD/part-1.parquet",
        staged="_platform/KRAKEN/staging/stream/r1/0/trades/part-1.parquet",
        rows=3,
        bytes=2**40,
        checksum="0123456789abcdef0123456789abcdef",
        symbol="BTC_USD",
        ids=((1, 2), (9, 9)),
        first_at=1_738_260_000_000_001,
        last_at=1_738_263_599_999_999,
        volume=Decimal("12345678901234567890.0123456789"),
    )
    assert DataFile.model_fields.keys() == data.model_fields_set
    records = QuarantineFile(path="q/part-1.parquet", staged="s", rows=1, bytes=7, checksum="ab")
    return a_commit(2).model_copy(
        update={
            "files": (data, data.model_copy(update={"path": "KRAKEN/other", "volume": None})),
            "quarantined": (records,),
            "left_out": (LeftOut(schema_id=7, fields=("note",)),),
        }
    )


def test_a_manifest_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """Every field of every file, and all that is kept beside them."""
    manifest = Manifest().apply_all([a_commit(1), a_full_commit()])
    path = tmp_path / "manifest.parquet"
    path.write_bytes(as_parquet(manifest))
    again = read_whole(path)
    assert again == manifest
    dumped = [one.model_dump() for one in again.snapshot.all_files]
    assert dumped == [one.model_dump() for one in manifest.snapshot.all_files]
    header = read_header(path)
    assert (header.state.number, header.files, header.quarantined) == (2, 3, 1)
    assert header.left_out == [(2, 2)]
    assert header.newest[Role.STREAM].committed_at == datetime(2026, 1, 30, tzinfo=UTC)


def test_what_was_read_again_is_not_left_out_any_more() -> None:
    """Unless that left something out, too."""
    again = a_commit(3).model_copy(update={"reread": CommitRange(first=1, last=2)})
    manifest = Manifest().apply_all([a_commit(1), a_full_commit(), again])
    assert list(manifest.left_out) == []
    still = again.model_copy(update={"left_out": a_full_commit().left_out})
    manifest = Manifest().apply_all([a_commit(1), a_full_commit(), still])
    assert list(manifest.left_out) == [(3, 3)]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 1000])
def test_what_is_no_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    """Header and rows alike."""
    path = tmp_path / "manifest.parquet"
    path.write_bytes(content)
    for read in (read_header, read_whole):
        with pytest.raises(LakeDamaged, match=r"manifest\.parquet is damaged"):
            read(path)
