from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout
from lake.log.commit import OffsetRange, Role
from lake.read.quarantine import count_by_reason, quarantine_files, records
from lake.write.batch import Batch
from lake.write.writer import LakeWriter
from tests.unit.lake.conftest import HOUR, SOURCE, landed_ids, write_trades
from tests.unit.lake.killing import Killed, kill_at

AT = datetime(2026, 1, 30, 18, tzinfo=UTC)
UNKNOWN, NO_MAGIC = "unknown schema id", "no magic byte"
HEADERS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))


def write_records(path: Path, reasons: dict[int, str]) -> None:
    """A quarantine file as Spark writes one: a record an offset, one without key and value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    offsets = list(reasons)
    columns = {
        "reason": pa.array(reasons.values(), pa.string()),
        "detail": pa.array([f"schema id {offset}" for offset in offsets], pa.string()),
        "topic": pa.array(["kraken.trades"] * len(offsets), pa.string()),
        "partition": pa.array([offset % 2 for offset in offsets], pa.int32()),
        "offset": pa.array(offsets, pa.int64()),
        "timestamp": pa.array(
            [AT + timedelta(microseconds=offset) for offset in offsets], pa.timestamp("us", "UTC")
        ),
        "key": pa.array([b"BTC/USD" if offset else None for offset in offsets], pa.binary()),
        "value": pa.array([bytes([offset, 255]) if offset else None for offset in offsets]),
        "headers": pa.array([[{"key": "k", "value": b"\x00"}]] * len(offsets), HEADERS),
    }
    pq.write_table(pa.table(columns), path)


def staged(writer: LakeWriter, ids: list[int], reasons: dict[int, str]) -> Batch:
    """A batch of the maintenance role: trades found, and records that stay."""
    batch = Batch(
        folder=writer.staging_folder(0),
        expected_trades=len(ids),
        expected_quarantined=len(reasons),
    )
    if ids:
        write_trades(batch.trades / HOUR / "part-0.parquet", ids)
    if reasons:
        write_records(batch.quarantine / "part-0.parquet", reasons)
    return batch


@pytest.fixture
def filled(layout: LakeLayout) -> LakeLayout:
    """Trade 1 has landed; offsets 0 to 3 are in quarantine, in two files."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        for ids, reasons in (([1], {0: NO_MAGIC, 2: UNKNOWN, 3: UNKNOWN}), ([], {1: UNKNOWN})):
            batch = staged(writer, ids, reasons)
            offsets = {0: OffsetRange(start=writer.state.position.get(0, 0), end=4)}
            writer.commit(replace(batch, source=SOURCE, offsets=offsets))
    return layout


def test_records_are_counted_by_reason(filled: LakeLayout) -> None:
    """With what each reason is about, and from when to when."""
    counts = {(count.reason, count.detail): count for count in count_by_reason(filled)}
    assert len(counts) == 4
    one = counts[NO_MAGIC, "schema id 0"]
    assert (one.records, one.first_at, one.last_at) == (1, AT, AT)


def test_records_are_shown_as_kafka_gave_them(filled: LakeLayout) -> None:
    """Byte for byte, also where there is neither key nor value, in the order of their offsets."""
    shown = records(filled)
    assert [(record.partition, record.offset) for record in shown] == [
        (0, 0),
        (0, 2),
        (1, 1),
        (1, 3),
    ]
    assert (shown[0].key, shown[0].value) == (None, None)
    assert (shown[3].key, shown[3].value) == (b"BTC/USD", b"\x03\xff")
    assert shown[3].timestamp == AT + timedelta(microseconds=3)
    assert shown[3].headers == (("k", b"\x00"),)


def test_what_is_shown_can_be_chosen(filled: LakeLayout) -> None:
    """By reason, by place in Kafka, and no more than asked for."""
    assert [record.offset for record in records(filled, reason=NO_MAGIC)] == [0]
    assert [record.offset for record in records(filled, partition=1)] == [1, 3]
    assert [record.offset for record in records(filled, partition=1, offset=3)] == [3]
    assert len(records(filled, limit=2)) == 2
    assert records(filled, reason="none such") == []


def test_an_empty_lake_has_none(layout: LakeLayout) -> None:
    """There is nothing to count or to show."""
    assert (count_by_reason(layout), records(layout)) == ([], [])


def replay(layout: LakeLayout, *, dying_at: str = "") -> None:
    """Land offset 2 as trade 2, keep the others; end at a function's first call, or `:after` it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer,
    ):
        files = tuple(quarantine_files(layout))
        batch = staged(writer, [2], {0: NO_MAGIC, 3: UNKNOWN, 1: UNKNOWN})
        if dying_at:
            kill_at(patch, dying_at)
        writer.commit(replace(batch, replaced_quarantine=files))


def test_a_replay_lands_what_passes_and_keeps_the_rest_as_it_was(filled: LakeLayout) -> None:
    """One new quarantine file takes the place of the old ones."""
    before = {record.offset: record for record in records(filled)}
    replay(filled)
    assert landed_ids(filled) == [1, 2]
    assert {record.offset: record for record in records(filled)} == {
        offset: record for offset, record in before.items() if offset != 2
    }
    (file,) = quarantine_files(filled)
    assert [path.name for path in filled.quarantine.iterdir()] == [Path(file.path).name]
    kept = pq.read_table(filled.quarantine, columns=["headers"]).to_pylist()
    assert kept == [{"headers": [{"key": "k", "value": b"\x00"}]}] * 3


POINTS = [
    "lake.write.writer.read_staged:1:after",
    "lake.write.writer.describe:1:after",
    "lake.write.writer.publish:1",
    "lake.write.publishing.link:1",
    "lake.write.publishing.link:1:after",
    "lake.write.publishing.link:2:after",
    "lake.storage.durable_folders.flush:1",
    "lake.write.writer.publish:1:after",
]


@pytest.mark.parametrize("finisher", [Role.STREAM, Role.MAINTENANCE])
@pytest.mark.parametrize("point", POINTS)
def test_a_replay_ended_anywhere_loses_and_doubles_no_record(
    filled: LakeLayout, point: str, finisher: Role
) -> None:
    """Each record is in quarantine or has landed, never neither; a second replay completes it."""
    with pytest.raises(Killed):
        replay(filled, dying_at=point)
    with LakeWriter.open(filled, run_id="r2", role=finisher):
        offsets = sorted(record.offset for record in records(filled))
    assert (landed_ids(filled), offsets) in (([1], [0, 1, 2, 3]), ([1, 2], [0, 1, 3]))
    replay(filled)
    assert landed_ids(filled) == [1, 2]
    assert sorted(record.offset for record in records(filled)) == [0, 1, 3]
    assert len(list(filled.quarantine.iterdir())) == 1
