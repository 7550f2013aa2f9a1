"""Writes a snapshot: the files of the table as of one commit of the lake."""

import json
import uuid
from collections.abc import Sequence
from typing import Final

from pyiceberg.manifest import (
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import (
    AddSnapshotUpdate,
    AssertRefSnapshotId,
    AssertTableUUID,
    SetSnapshotRefUpdate,
    TableRequirement,
    TableUpdate,
)

from lake.layout import LakeLayout
from lake.tables.changes import Change
from lake.tables.iceberg.data_files import hours_of, location_of, to_entry
from lake.tables.iceberg.locations import METADATA_FOLDER
from lake.tables.iceberg.manifests import as_status, in_manifests, plan

__all__ = ["COMMIT", "commit_of", "is_manifest_list", "next_snapshot", "requirements", "updates"]

COMMIT: Final = "kraken-lake.commit"
"""The key of a snapshot's summary that holds the newest commit of the lake in it."""

_OFFSETS: Final = "kraken-lake.kafka-offsets"
_FORMAT: Final = 2
_LIST: Final = "snap-"


def commit_of(snapshot: Snapshot) -> int | None:
    """Return the commit of the lake that a snapshot holds; None if another program made it."""
    found = snapshot.summary[COMMIT] if snapshot.summary and COMMIT in snapshot.summary else None
    return int(found) if found else None


def next_snapshot(layout: LakeLayout, table: Table, change: Change) -> Snapshot:
    """Write the manifests of the next snapshot, and return it.

    Snapshots are numbered as the table's changes are, from 1 on: whoever reads one by its number
    need not copy 19 digits. Of two processes that write the same number one is refused.

    Args:
        layout: the lake.
        table: the table, with the columns of all files.
        change: what is changed.

    Raises:
        FileNotFoundError: A manifest of the table is gone.
        LakeUnwritable, OSError: The storage refused a write.
    """
    before = table.current_snapshot()
    number = table.metadata.next_sequence_number()
    schema, spec = table.schema(), table.spec()
    planned = plan(
        table.io,
        before.manifests(table.io) if before else (),
        {location_of(layout, one.path) for one in change.removed},
        hours_of(one.path for one in change.removed),
        len(change.added),
    )
    added = [
        ManifestEntry.from_args(
            status=ManifestEntryStatus.ADDED,
            snapshot_id=number,
            sequence_number=None,
            file_sequence_number=None,
            data_file=to_entry(layout, one.file, schema, spec.spec_id),
        )
        for one in change.added
    ]
    carried = [
        as_status(one, ManifestEntryStatus.EXISTING, one.snapshot_id) for one in planned.carried
    ]
    gone = [as_status(one, ManifestEntryStatus.DELETED, number) for one in planned.gone]
    # Apart, so that the next snapshot is rid of what is gone: readers decode each entry.
    parts = (*in_manifests([*added, *carried]), *in_manifests(gone))
    folder, unique = f"{table.location()}/{METADATA_FOLDER}", uuid.uuid4()
    written = [
        _write_manifest(table, f"{folder}/{unique}-m{at}.avro", number, part)
        for at, part in enumerate(parts)
    ]
    manifests = [*written, *planned.kept]
    location = f"{folder}/{_LIST}{number}-{unique}.avro"
    with write_manifest_list(
        format_version=_FORMAT,
        output_file=table.io.new_output(location),
        snapshot_id=number,
        parent_snapshot_id=before.snapshot_id if before else None,
        sequence_number=number,
        avro_compression="deflate",
    ) as writer:
        writer.add_manifests(manifests)
    return Snapshot(
        snapshot_id=number,
        parent_snapshot_id=before.snapshot_id if before else None,
        sequence_number=number,
        manifest_list=location,
        summary=Summary(_operation(change), **_summary(change, added, planned.gone, manifests)),
        schema_id=table.metadata.current_schema_id,
    )


def is_manifest_list(name: str) -> bool:
    """Return whether a file of this name is a snapshot's list of manifests."""
    return name.startswith(_LIST)


def requirements(table: Table) -> list[TableRequirement]:
    """Return what must still hold of a table when its change is committed."""
    before = table.current_snapshot()
    return [
        AssertTableUUID(uuid=table.metadata.table_uuid),
        AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=before.snapshot_id if before else None),
    ]


def updates(snapshot: Snapshot) -> list[TableUpdate]:
    """Return the change that makes a snapshot the newest."""
    return [
        AddSnapshotUpdate(snapshot=snapshot),
        SetSnapshotRefUpdate(
            ref_name=MAIN_BRANCH,
            type=SnapshotRefType.BRANCH,
            snapshot_id=snapshot.snapshot_id,
            max_ref_age_ms=None,
            max_snapshot_age_ms=None,
            min_snapshots_to_keep=None,
        ),
    ]


def _write_manifest(
    table: Table, location: str, snapshot_id: int, entries: Sequence[ManifestEntry]
) -> ManifestFile:
    with write_manifest(
        format_version=_FORMAT,
        spec=table.spec(),
        schema=table.schema(),
        output_file=table.io.new_output(location),
        snapshot_id=snapshot_id,
        avro_compression="deflate",
    ) as writer:
        for entry in entries:
            writer.add_entry(entry)
    return writer.to_manifest_file()


def _operation(change: Change) -> Operation:
    """Return what a snapshot does, so that whoever follows the table's rows may leave it out."""
    if not change.removed:
        return Operation.APPEND
    if not change.added:
        return Operation.DELETE
    same_rows = not any(one.new_rows for one in change.added) and not any(
        one.rows_go for one in change.removed
    )
    return Operation.REPLACE if same_rows else Operation.OVERWRITE


def _summary(
    change: Change,
    added: Sequence[ManifestEntry],
    gone: Sequence[ManifestEntry],
    manifests: Sequence[ManifestFile],
) -> dict[str, str]:
    """Return what the format asks of a summary, and where the lake was."""
    figures = {
        "added-data-files": len(added),
        "added-records": sum(one.data_file.record_count for one in added),
        "deleted-data-files": len(gone),
        "deleted-records": sum(one.data_file.record_count for one in gone),
        "total-data-files": sum(
            (one.added_files_count or 0) + (one.existing_files_count or 0) for one in manifests
        ),
        "total-records": sum(
            (one.added_rows_count or 0) + (one.existing_rows_count or 0) for one in manifests
        ),
    }
    source = change.source
    lake = {
        COMMIT: str(change.last),
        "kraken-lake.first-commit": str(change.first),
        "kraken-lake.committed-at": change.committed_at.isoformat(),
        _OFFSETS: json.dumps(dict(sorted(change.position.items()))),
    }
    if source is not None:
        lake["kraken-lake.kafka-topic"] = source.topic
        lake["kraken-lake.kafka-topic-id"] = source.topic_id
        lake["kraken-lake.kafka-cluster-id"] = source.cluster_id
    return {name: str(figure) for name, figure in figures.items()} | lake
