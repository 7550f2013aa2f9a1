"""Retires hours: removes their files from the lake for good, and keeps the proof of what they held.

    stage    the proof, a Parquet file with a row for each pair and hour, is written under staging
    commit   the commit names the files that it removes and the proof
    publish  the files are removed, then the proof is put in place (`lake.write.publishing`)

The steps are those of any commit in the maintenance role: killed before the commit, nothing has
happened; killed after it, the next writer of either role removes what is left. The ids of retired
trades stay among those that have landed, so none of them lands again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.layout import LakeLayout
from lake.log.commit import DataFile
from lake.log.retirement_file import RetiredHour, write_retired
from lake.storage.local_files import storage_errors
from lake.storage.object_path import LakePath
from lake.storage.operations import checksum, size_of
from lake.write.batch import Batch
from lake.write.compaction import read_committed
from lake.write.staged_files import StagedFile
from lake.write.writer import LakeWriter

__all__ = ["Retired", "Retirement", "with_figures"]

_FILES_AT_ONCE: Final = 250
"""Files of one commit. The stream cannot publish while they are removed."""


@dataclass(frozen=True)
class Retired:
    """The result of one commit.

    Attributes:
        commit: its number.
        hours: what it retired, oldest hour first.
    """

    commit: int
    hours: tuple[RetiredHour, ...]


class Retirement:
    """Retires files, some of them in each commit.

    Args:
        layout: the lake.
        writer: a writer in the maintenance role.
        verified_at: when the verification that the retirement rests on ended, UTC.
    """

    def __init__(self, layout: LakeLayout, writer: LakeWriter, verified_at: datetime) -> None:
        self._layout = layout
        self._writer = writer
        self._verified_at = verified_at

    def run(self, files: Sequence[DataFile]) -> Iterator[Retired]:
        """Retire files, each of which is all of its pair's hour, and yield each commit's result.

        In an object store an hour may have several files, since late trades make another one.

        Args:
            files: the files, which are part of the lake and in place.

        Raises:
            LakeDamaged: A file is not what its commit says.
            LakeUnwritable: The storage refused a write.
            WriterFenced: Another process of this role is at work.
        """
        for at in range(0, len(files), _FILES_AT_ONCE):
            yield self._retire(at, tuple(files[at : at + _FILES_AT_ONCE]))

    def _retire(self, number: int, files: tuple[DataFile, ...]) -> Retired:
        folder = self._writer.staging_folder(number)
        path = folder / "proof" / "retired.parquet"
        now = datetime.now(UTC)
        hours = tuple(
            RetiredHour.of(with_figures(self._layout.base, file), self._verified_at, now)
            for file in files
        )
        with storage_errors(self._layout.platform):
            write_retired(hours, path)
            proof = StagedFile(
                path=path,
                folder=".",
                rows=len(hours),
                bytes=size_of(path),
                checksum=checksum(path),
            )
        commit = self._writer.commit(
            Batch(
                folder=folder,
                expected_trades=0,
                expected_quarantined=0,
                trade_files=(),
                retired_files=files,
                proof=proof,
            )
        )
        return Retired(commit.number, hours)


def with_figures(base: LakePath, file: DataFile) -> DataFile:
    """Return a file with times and volume; read it if it landed before the log kept them.

    Raises:
        LakeDamaged: It has to be read, and is not what its commit says.
    """
    if None not in (file.first_at, file.last_at, file.volume):
        return file
    trades = read_committed(base, file)
    found: dict[str, Any] = {}
    if "executed_at" in trades.column_names:
        times: Any = pc.min_max(pc.cast(trades.column("executed_at"), pa.int64())).as_py()
        found |= {"first_at": times["min"], "last_at": times["max"]}
    if "volume" in trades.column_names:
        found["volume"] = pc.sum(trades.column("volume")).as_py()
    return file.model_copy(update=found)
