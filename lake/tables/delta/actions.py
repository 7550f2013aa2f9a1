"""The actions of one version of a Delta table: a pure function of a change.

One JSON object a line, as the protocol of Delta Lake says (PROTOCOL.md of delta-io/delta). The
first lines are `commitInfo`, `protocol` and `metaData` where they change, and `txn`; then one line
for each file, `remove` before `add`. So a reader of the position needs the first
lines only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, unquote

from lake.layout import PARTITION_COLUMNS
from lake.log.commit import DataFile
from lake.tables.changes import Added, Change

__all__ = [
    "CHECKPOINT_INTERVAL",
    "PROTOCOL",
    "WRITER",
    "Action",
    "app_id",
    "changed_files",
    "encoded",
    "from_path",
    "header",
    "metadata",
    "to_path",
]

Action = dict[str, Any]

WRITER: Final = "kraken-lake"
"""Who wrote a version: the start of `engineInfo` in its `commitInfo`."""

CHECKPOINT_INTERVAL: Final = 100
"""Versions between two checkpoints. One takes about 0.2 s for 50,000 files."""

_KEPT_OUT: Final = "writtenByKrakenLakeOnly"

PROTOCOL: Final[Action] = {
    "minReaderVersion": 1,
    "minWriterVersion": 7,
    "writerFeatures": [_KEPT_OUT],
}
"""Every reader may read. No other program may write: none knows this feature, and the protocol
tells it to stop then. Otherwise an OPTIMIZE would copy the lake's rows into files of its own, and a
VACUUM would delete files of the lake that the table does not have yet."""

_CONFIGURATION: Final[Mapping[str, str]] = {
    "delta.checkpointInterval": str(CHECKPOINT_INTERVAL),
    # A second obstacle for VACUUM, which spares what is younger than this.
    "delta.deletedFileRetentionDuration": "interval 36500 days",
    # Old versions are dropped by `LakeTable.tidy`, never by a reader's checkpoint.
    "delta.enableExpiredLogCleanup": "false",
    # Bounds of price and volume would pass through doubles, and hide the file with the row.
    "delta.dataSkippingStatsColumns": "trade_id,executed_at",
}
_UNCHANGED_IN_URLS: Final = "/=:@!$&'()*+,;~"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def app_id(exchange: str) -> str:
    """Return the name under which `txn` keeps the newest commit of one exchange's lake."""
    return f"{WRITER}/{exchange}"


def header(
    change: Change,
    exchange: str,
    *,
    protocol: Action | None = None,
    metadata: Action | None = None,
    txn_id: str | None = None,
) -> Iterator[Action]:
    """Yield the actions before those of the files.

    Args:
        change: the change.
        exchange: the lake's exchange.
        protocol: the table's protocol, for its first version.
        metadata: its columns and settings, where they change.
        txn_id: unique to this version, where its content has to be.
    """
    time = _millis(change.committed_at)
    yield {
        "commitInfo": {
            "timestamp": time,
            "operation": "SYNC",
            "operationParameters": {
                "exchange": exchange,
                "firstCommit": str(change.first),
                "lastCommit": str(change.last),
            },
            "operationMetrics": {
                "numAddedFiles": str(len(change.added)),
                "numRemovedFiles": str(len(change.removed)),
            },
            "isBlindAppend": not change.removed,
            "engineInfo": WRITER,
            **({} if txn_id is None else {"txnId": txn_id}),
            "lakeExchange": exchange,
            "lakeCommit": change.last,
        }
    }
    if protocol is not None:
        yield {"protocol": protocol}
    if metadata is not None:
        yield {"metaData": metadata}
    yield {"txn": {"appId": app_id(exchange), "version": change.last, "lastUpdated": time}}


def metadata(schema: str, table_id: str, created_at: datetime) -> Action:
    """Return the `metaData` action: columns, partitioning and settings.

    Args:
        schema: the columns, as `columns.schema_string` writes them.
        table_id: unique to the table; it stays when the columns change.
        created_at: when the table began, UTC.
    """
    return {
        "id": table_id,
        "name": "trades",
        "description": "The files of a kraken-lake; written by `kraken-lake tables sync` only.",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema,
        "partitionColumns": list(PARTITION_COLUMNS),
        "configuration": dict(_CONFIGURATION),
        "createdTime": _millis(created_at),
    }


def changed_files(change: Change) -> Iterator[Action]:
    """Yield an action for each file that leaves or joins."""
    time = _millis(change.committed_at)
    for gone in change.removed:
        yield {
            "remove": {
                "path": from_path(gone.path),
                "deletionTimestamp": time,
                "dataChange": gone.rows_go,
                "extendedFileMetadata": False,
            }
        }
    for one in change.added:
        yield {"add": _add(one, time)}


def encoded(actions: Sequence[Action]) -> bytes:
    """Return a version's file."""
    lines = (json.dumps(action, separators=(",", ":"), ensure_ascii=False) for action in actions)
    return "".join(f"{line}\n" for line in lines).encode()


def from_path(path: str) -> str:
    """Convert a file's path to the URL that the log holds, relative to the table's folder."""
    return quote(path, safe=_UNCHANGED_IN_URLS)


def to_path(url: str) -> str:
    """Convert a URL of the log to the file's path."""
    return unquote(url)


def _add(one: Added, time: int) -> Action:
    return {
        "path": from_path(one.file.path),
        "partitionValues": _partition_values(one.file.folder),
        "size": one.file.bytes,
        "modificationTime": time,
        "dataChange": one.new_rows,
        "stats": json.dumps(_stats(one.file), separators=(",", ":")),
    }


def _partition_values(folder: str) -> dict[str, str]:
    """Return the values of a file's folders as they are named: Polars takes them from the path."""
    pairs = (part.partition("=") for part in folder.split("/"))
    return {name: value for name, equals, value in pairs if equals}


def _stats(file: DataFile) -> Action:
    """Return what is known exactly of a file, so that readers can leave it out.

    Bounds of price and volume are left out: readers take decimals through doubles, whose rounded
    bounds may exclude the row. Both columns here are never null: a trade has an id, and lies in the
    folder of its time.
    """
    lowest = min(first for first, _ in file.ids)
    highest = max(last for _, last in file.ids)
    stats: dict[str, Any] = {
        "numRecords": file.rows,
        "minValues": {"trade_id": lowest},
        "maxValues": {"trade_id": highest},
        "nullCount": {"trade_id": 0},
    }
    if file.first_at is not None and file.last_at is not None:
        stats["minValues"]["executed_at"] = _iso(file.first_at)
        stats["maxValues"]["executed_at"] = _iso(file.last_at)
        stats["nullCount"]["executed_at"] = 0
    return stats


def _iso(micros: int) -> str:
    time = _EPOCH + timedelta(microseconds=micros)
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _millis(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)
