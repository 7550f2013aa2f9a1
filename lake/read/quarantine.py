"""The quarantine: records that could not become trades, as they were in Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from lake.layout import LakeLayout
from lake.log.commit import QuarantineFile
from lake.log.live_files import readable_path
from lake.log.snapshot import read_snapshot
from lake.read.bounded_connection import bounded_connection
from lake.read.far_time import FarTime, moment
from lake.read.listing_retry import retry_listing
from lake.storage.local_copies import local_names

__all__ = [
    "QuarantinedRecord",
    "ReasonCount",
    "count_by_reason",
    "quarantine_files",
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


def count_by_reason(layout: LakeLayout, names: Sequence[str] | None = None) -> list[ReasonCount]:
    """Count the records for each reason, the most frequent first.

    Args:
        layout: the lake.
        names: the files to read, or local copies of them in one folder; None for those that are in
            quarantine now.
    """
    rows = _query(
        layout,
        names,
        'SELECT reason, detail, count(*), epoch_us(min("timestamp")), epoch_us(max("timestamp")) '
        "FROM quarantine GROUP BY ALL ORDER BY count(*) DESC, reason, detail",
        [],
    )
    return [
        ReasonCount(reason, detail, count, moment(first), moment(last))
        for reason, detail, count, first, last in rows
    ]


def records(  # noqa: PLR0913 - one for each column that may be matched
    layout: LakeLayout,
    *,
    reason: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    limit: int = 20,
    names: Sequence[str] | None = None,
) -> list[QuarantinedRecord]:
    """Return records that match, in the order of topic, partition and offset.

    Args:
        layout: the lake.
        reason: the reason to match; None for any, as for `partition` and `offset`.
        partition: the partition.
        offset: the offset.
        limit: how many records at most.
        names: as in `count_by_reason`.
    """
    rows = _query(
        layout,
        names,
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


def _query(
    layout: LakeLayout, names: Sequence[str] | None, sql: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Query some files, or the current ones; return no rows if there are none.

    Raises:
        duckdb.Error: A file cannot be read.
    """
    if names is not None:
        return _answer(layout, names, sql, parameters)
    return retry_listing(lambda: _answer_now(layout, sql, parameters))


def _answer_now(
    layout: LakeLayout, sql: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    paths = [readable_path(layout.base, file) for file in quarantine_files(layout)]
    with local_names(paths) as names:
        return _answer(layout, names, sql, parameters)


def _answer(
    layout: LakeLayout, names: Sequence[str], sql: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    if not names:
        return []
    with bounded_connection(_folder_of(layout, names)) as connection:
        files = connection.read_parquet(list(names))
        connection.register("quarantine", files)
        return connection.execute(sql, list(parameters)).fetchall()


def _folder_of(layout: LakeLayout, names: Sequence[str]) -> PurePath:
    """Return the folder that holds all files: that of the copies if the lake is in a store."""
    return PurePath(names[0]).parent if layout.is_on_store else layout.base
