"""What is in quarantine: records that could not become trades, as Kafka gave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from lake.layout import LakeLayout
from lake.log.commit import QuarantineFile
from lake.log.snapshot import read_snapshot
from lake.read.far_time import FarTime, moment
from lake.read.listing_retry import reread

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
        reason: as the stream wrote it.
        detail: the rule or the schema id, where the reason has one.
        records: how many.
        first_at: the earliest one's time in Kafka.
        last_at: the latest one's.
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
        reason: why it is no trade.
        detail: the rule or the schema id, where the reason has one.
        topic: its place in Kafka, with `partition` and `offset`.
        timestamp: its time in Kafka, whatever its sender claimed; None where it has none.
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
    """The files that are in quarantine now, by the commit log."""
    return list(read_snapshot(layout).quarantined.values())


def count_by_reason(layout: LakeLayout) -> list[ReasonCount]:
    """How many records there are for each reason, most first."""
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
    """Records in the order of Kafka, by what is asked for."""
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


def readable_path(layout: LakeLayout, file: QuarantineFile) -> Path:
    """Where a file can be read: under staging, where its commit has yet to be published."""
    published = layout.base / file.path
    return published if published.exists() else layout.base / file.staged


def _query(layout: LakeLayout, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Ask over the live files; nothing where there are none.

    Raises:
        duckdb.Error: a file cannot be read.
    """
    return reread(lambda: _answer(layout, sql, parameters))


def _answer(layout: LakeLayout, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    paths = [str(readable_path(layout, file)) for file in quarantine_files(layout)]
    if not paths:
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files = connection.read_parquet(paths)
        connection.register("quarantine", files)
        return connection.execute(sql, list(parameters)).fetchall()
