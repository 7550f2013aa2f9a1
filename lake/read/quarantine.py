"""The quarantine: records that could not become trades, as they were in Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from lake.layout import LakeLayout
from lake.log.commit import QuarantineFile
from lake.log.snapshot import read_snapshot
from lake.read.bounded_connection import bounded_connection
from lake.read.far_time import FarTime, moment
from lake.read.listing_retry import retry_listing
from lake.storage.local_copies import local_names
from lake.storage.object_path import LakePath

__all__ = [
    "QuarantinedRecord",
    "ReasonCount",
    "count_by_reason",
    "quarantine_files",
    "readable_path",
    "records",
]


@dataclass(frozen=True)
class ReasonCount:
    """How many records are in quarantine for one reason.

    Attributes:
        reason: the reason that the stream wrote.
        detail: the rule or the schema id, if the reason has one.
        records: how many.
        first_at: the Kafka timestamp of the earliest record.
        last_at: the Kafka timestamp of the latest record.
    """

    reason: str
    detail: str | None
    records: int
    first_at: datetime | FarTime | None
    last_at: datetime | FarTime | None


@dataclass(frozen=True)
class QuarantinedRecord:
    """One record, byte for byte.

    Attributes:
        reason: why it is not a trade.
        detail: the rule or the schema id, if the reason has one.
        topic: its topic; with `partition` and `offset`, its place in Kafka.
        timestamp: its Kafka timestamp, as its sender set it; None if it has none.
        key: its key.
        value: its value.
        headers: its headers, in order.
    """

    reason: str
    detail: str | None
    topic: str
    partition: int
    offset: int
    timestamp: datetime | FarTime | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def quarantine_files(layout: LakeLayout) -> list[QuarantineFile]:
    """List the files that are in quarantine now, by the commit log."""
    return list(read_snapshot(layout).quarantined.values())


def count_by_reason(layout: LakeLayout) -> list[ReasonCount]:
    """Count the records for each reason, the most frequent first."""
    rows = _query(
        layout,
        'SELECT reason, detail, count(*), epoch_us(min("timestamp")), epoch_us(max("timestamp")) '
        "FROM quarantine GROUP BY ALL ORDER BY count(*) DESC, reason, detail",
        [],
    )
    return [
        ReasonCount(reason, detail, count, moment(first), moment(last))
        for reason, detail, count, first, last in rows
    ]


def records(
    layout: LakeLayout,
    *,
    reason: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    limit: int = 20,
) -> list[QuarantinedRecord]:
    """Return records that match, in the order of topic, partition and offset."""
    rows = _query(
        layout,
        'SELECT reason, detail, topic, partition, "offset", epoch_us("timestamp"), key, value, '
        "headers FROM quarantine "
        "WHERE (?1 IS NULL OR reason = ?1) AND (?2 IS NULL OR partition = ?2) "
        'AND (?3 IS NULL OR "offset" = ?3) ORDER BY topic, partition, "offset" LIMIT ?4',
        [reason, partition, offset, limit],
    )
    return [
        QuarantinedRecord(why, about, topic, part, at, moment(time), key, value, _pairs(headers))
        for why, about, topic, part, at, time, key, value, headers in rows
    ]


def _pairs(headers: list[dict[str, Any]] | None) -> tuple[tuple[str, bytes | None], ...]:
    return tuple((header["key"], header["value"]) for header in headers or ())


def readable_path(layout: LakeLayout, file: QuarantineFile) -> LakePath:
    """Return where a file can be read: under staging until its commit has been published."""
    published = layout.base / file.path
    return (
        published if file.path == file.staged or published.exists() else layout.base / file.staged
    )


def _query(layout: LakeLayout, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Query the current files; return no rows if there are none.

    Raises:
        duckdb.Error: A file cannot be read.
    """
    return retry_listing(lambda: _answer(layout, sql, parameters))


def _answer(layout: LakeLayout, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    paths = [readable_path(layout, file) for file in quarantine_files(layout)]
    if not paths:
        return []
    with local_names(paths) as names, bounded_connection(_folder_of(layout, names)) as connection:
        files = connection.read_parquet(names)
        connection.register("quarantine", files)
        return connection.execute(sql, list(parameters)).fetchall()


def _folder_of(layout: LakeLayout, names: Sequence[str]) -> PurePath:
    """Return the folder that holds all files: that of the copies if the lake is in a store."""
    return PurePath(names[0]).parent if layout.is_on_store else layout.base
