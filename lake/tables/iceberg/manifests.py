"""The manifests of a snapshot: which files the table has, in files of entries.

A snapshot lists all manifests. One that changes the table writes the entries of what joins and
leaves, and takes over the other manifests as they are. So that the list stays short, small
manifests are merged with others of their size, an entry about four times in all. A manifest that
lists a file which leaves has to be written again; since entries are sorted by hour, few have to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyiceberg.io import FileIO
from pyiceberg.manifest import (
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
)

__all__ = ["FULL", "Plan", "as_status", "in_manifests", "live_entries", "plan"]

FULL: Final = 512
"""Entries from which a manifest is not merged any more."""

_WIDTH: Final = 8
"""Manifests of about one size that are merged; the merged one is of the next size."""


@dataclass(frozen=True)
class Plan:
    """What becomes of the manifests of the snapshot before.

    Attributes:
        kept: those that stay as they are.
        carried: entries of the others, whose files stay.
        gone: entries of files that leave.
    """

    kept: tuple[ManifestFile, ...]
    carried: tuple[ManifestEntry, ...]
    gone: tuple[ManifestEntry, ...]


def plan(
    io: FileIO,
    current: Iterable[ManifestFile],
    leaving: Collection[str],
    hours: Collection[int] | None,
    joining: int,
) -> Plan:
    """Decide which manifests are written again.

    Manifests of deleted rows are left out: only other programs write them.

    Args:
        io: reads manifests.
        current: the manifests of the snapshot before.
        leaving: the locations of the files that leave.
        hours: the hours of these files, since 1970; None if they may be anywhere.
        joining: how many files join.
    """
    kept: list[ManifestFile] = []
    carried: list[ManifestEntry] = []
    gone: list[ManifestEntry] = []
    for manifest in current:
        if manifest.content is not ManifestContent.DATA or not _live(manifest):
            continue
        if leaving and _may_hold(manifest, hours):
            entries = live_entries(io, manifest)
            found = [one for one in entries if one.data_file.file_path in leaving]
            if found:
                gone += found
                carried += [one for one in entries if one.data_file.file_path not in leaving]
                continue
        kept.append(manifest)
    merged = {one.manifest_path: one for one in _to_merge(kept, joining + len(carried))}
    carried += [entry for manifest in merged.values() for entry in live_entries(io, manifest)]
    return Plan(
        kept=tuple(one for one in kept if one.manifest_path not in merged),
        carried=tuple(carried),
        gone=tuple(gone),
    )


def live_entries(io: FileIO, manifest: ManifestFile) -> list[ManifestEntry]:
    """Read the entries of the files that the table has."""
    return manifest.fetch_manifest_entry(io, discard_deleted=True)


def as_status(
    entry: ManifestEntry, status: ManifestEntryStatus, snapshot_id: int | None
) -> ManifestEntry:
    """Return an entry with another status, and the snapshot of that status."""
    return ManifestEntry.from_args(
        status=status,
        snapshot_id=snapshot_id,
        sequence_number=entry.sequence_number,
        file_sequence_number=entry.file_sequence_number,
        data_file=entry.data_file,
    )


def in_manifests(entries: Collection[ManifestEntry]) -> Iterator[Sequence[ManifestEntry]]:
    """Yield the entries of each new manifest, by hour and symbol."""
    ordered = sorted(entries, key=_place)
    size = FULL if len(ordered) > 2 * FULL else max(1, len(ordered))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def _place(entry: ManifestEntry) -> tuple[int, str, str]:
    partition = entry.data_file.partition
    return partition[0], partition[1], entry.data_file.file_path


def _to_merge(manifests: Sequence[ManifestFile], new: int) -> list[ManifestFile]:
    """Return the manifests whose entries go into the new one.

    Args:
        manifests: those that could stay.
        new: how many live entries the new one has without them.
    """
    of_size = defaultdict(list)
    for manifest in manifests:
        of_size[_size_class(_live(manifest))].append(manifest)
    chosen: list[ManifestFile] = []
    for size in range(_size_class(FULL)):
        alike = of_size[size]
        if len(alike) + (1 if new and _size_class(new) == size else 0) >= _WIDTH:
            chosen += alike
            new += sum(map(_live, alike))
    return chosen


def _size_class(live: int) -> int:
    size = 0
    while live >= _WIDTH:
        live //= _WIDTH
        size += 1
    return size


def _live(manifest: ManifestFile) -> int:
    return (manifest.added_files_count or 0) + (manifest.existing_files_count or 0)


def _may_hold(manifest: ManifestFile, hours: Collection[int] | None) -> bool:
    """Return whether a manifest may list a file of one of these hours."""
    if hours is None:
        return True
    bounds = manifest.partitions[0] if manifest.partitions else None
    if bounds is None or bounds.lower_bound is None or bounds.upper_bound is None:
        return True
    lowest, highest = _hour(bounds.lower_bound), _hour(bounds.upper_bound)
    return any(lowest <= hour <= highest for hour in hours)


def _hour(bound: bytes) -> int:
    """Return an integer as Iceberg writes bounds."""
    return int.from_bytes(bound, "little", signed=True)
