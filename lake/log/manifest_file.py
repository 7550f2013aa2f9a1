"""A manifest as a Parquet file.

Each live file is a row, with everything that its commit says of it. The rest is JSON in the Parquet
file's metadata. Checksums of the pages and of that JSON show whether the file has changed since.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel

from lake.errors import LakeDamaged
from lake.id_ranges import IdRanges, Run
from lake.log.checkpoint import CheckpointRecord, LogCheckpoint
from lake.log.commit import DataFile, QuarantineFile, RetirementProof, Role
from lake.log.live_files import Snapshot
from lake.log.manifest import Manifest, NewestCommit
from lake.storage.object_path import LakePath
from lake.storage.operations import parquet_source

__all__ = ["ManifestHeader", "as_parquet", "read_header", "read_whole"]

_RUNS: Final = pa.list_(pa.list_(pa.int64(), 2))
_TYPES: Final[dict[object, pa.DataType]] = {
    str: pa.string(),
    int: pa.int64(),
    int | None: pa.int64(),
    Decimal | None: pa.decimal128(38, 10),
    tuple[Run, ...]: _RUNS,
}
"""How a field of `DataFile` is stored; a test fails if a field of another type is added."""
_HEADER: Final = "kraken-lake.manifest"
_DIGEST: Final = "kraken-lake.manifest.blake2b"


class ManifestHeader(BaseModel):
    """What a manifest says beside its files.

    Attributes:
        state: the checkpoint of the log.
        newest: the newest commit of each role that ever committed.
        left_out: the commits that left fields out and were not read again since, as ranges of
            numbers. Their files are kept, since `kraken-lake reread` needs them.
        files: how many data files are listed.
        quarantined: how many quarantine files are listed.
        retired: the proofs of what was retired.
    """

    state: CheckpointRecord
    newest: dict[Role, NewestCommit]
    left_out: list[Run]
    files: int
    quarantined: int
    retired: list[RetirementProof] = []


def as_parquet(manifest: Manifest) -> bytes:
    """Return a manifest as the content of a Parquet file."""
    snapshot = manifest.snapshot
    header = ManifestHeader(
        state=manifest.state.to_record(),
        newest=manifest.newest,
        left_out=list(manifest.left_out),
        files=len(snapshot.files),
        quarantined=len(snapshot.quarantined),
        retired=list(snapshot.retired.values()),
    )
    content = header.model_dump_json().encode()
    sink = pa.BufferOutputStream()
    table = _table(snapshot)
    with pq.ParquetWriter(
        sink, table.schema, compression="zstd", write_page_checksum=True
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_HEADER: content.decode(), _DIGEST: _digest(content)})
    return sink.getvalue().to_pybytes()


def read_header(path: LakePath) -> ManifestHeader:
    """Read what a manifest says beside its files, without reading its rows.

    Raises:
        FileNotFoundError: There is no such file.
        LakeDamaged: It is no manifest, or not as it was written.
    """
    try:
        return _header(pq.read_metadata(parquet_source(path)).metadata)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException, ValueError) as error:
        raise _damaged(path, error) from error


def read_whole(path: LakePath) -> Manifest:
    """Read a manifest.

    Raises:
        FileNotFoundError: There is no such file.
        LakeDamaged: It is no manifest, or not as it was written.
    """
    try:
        with pq.ParquetFile(parquet_source(path), page_checksum_verification=True) as file:
            header = _header(file.metadata.metadata)
            with _collector_paused():
                snapshot = _snapshot(file.read(), header)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException, ValueError) as error:
        raise _damaged(path, error) from error
    return Manifest(
        LogCheckpoint.from_record(header.state), snapshot, header.newest, IdRanges(header.left_out)
    )


def _table(snapshot: Snapshot) -> "pa.Table":
    """Return one row for each file; quarantine files have no symbol."""
    files: list[DataFile | QuarantineFile] = [
        *snapshot.files.values(),
        *snapshot.quarantined.values(),
    ]
    columns = {
        name: pa.array([getattr(file, name, None) for file in files], _type_of(name))
        for name in DataFile.model_fields
        if name != "ids"
    }
    return pa.table({**columns, "ids": _id_column(files)})


def _type_of(name: str) -> pa.DataType:
    return _TYPES[DataFile.model_fields[name].annotation]


def _id_column(files: Iterable[DataFile | QuarantineFile]) -> "pa.Array[Any]":
    """Return the ids as one column; built from flat lists, which is ten times as fast."""
    ends, flat = [0], list[int]()
    for file in files:
        for run in getattr(file, "ids", ()):
            flat += run
        ends.append(len(flat) // 2)
    runs = pa.FixedSizeListArray.from_arrays(pa.array(flat, pa.int64()), 2)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), runs)


def _snapshot(table: "pa.Table", header: ManifestHeader) -> Snapshot:
    """Build the files of each row.

    Raises:
        ValueError: There are more or fewer files than the header says.
    """
    names = [name for name in table.column_names if name in DataFile.model_fields]
    columns = [
        _read_ids(table.column(name)) if name == "ids" else table.column(name).to_pylist()
        for name in names
    ]
    files: dict[str, DataFile] = {}
    quarantined: dict[str, QuarantineFile] = {}
    for row in zip(*columns, strict=True):
        values = dict(zip(names, row, strict=True))
        if values["symbol"] is None:
            known = {name: values[name] for name in QuarantineFile.model_fields if name in values}
            quarantined[values["path"]] = QuarantineFile.model_validate(known)
        else:
            files[values["path"]] = DataFile.model_validate(values)
    if (len(files), len(quarantined)) != (header.files, header.quarantined):
        raise ValueError(f"it lists {len(files)} files, not {header.files}")
    return Snapshot.model_construct(
        None,
        number=header.state.number,
        files=files,
        quarantined=quarantined,
        retired={proof.path: proof for proof in header.retired},
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause Python's garbage collector: it would go over all the new objects, which stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_ids(column: "pa.ChunkedArray[Any]") -> list[tuple[Run, ...]]:
    listed: list[tuple[Run, ...]] = []
    chunks: list[Any] = column.chunks  # its stub lacks what arrays of lists have
    for chunk in chunks:
        flat: list[Any] = chunk.flatten().flatten().to_pylist()
        runs = list(zip(flat[::2], flat[1::2], strict=True))
        lengths: list[Any] = chunk.value_lengths().to_pylist()
        start = 0
        for length in lengths:
            listed.append(tuple(runs[start : start + length]))
            start += length
    return listed


def _header(metadata: Mapping[bytes, bytes] | None) -> ManifestHeader:
    """Return the header in a file's metadata.

    Raises:
        ValueError: There is none, or it has changed.
    """
    metadata = metadata or {}
    content = metadata.get(_HEADER.encode())
    if content is None or metadata.get(_DIGEST.encode()) != _digest(content).encode():
        raise ValueError("it has no header, or another one than was written")
    return ManifestHeader.model_validate_json(content)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _damaged(path: LakePath, error: Exception) -> LakeDamaged:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return LakeDamaged(
        f"{path} is damaged ({reason}). Do not remove it, since its name says which commits may be "
        "gone: `python -m lake compact` replaces it, if the manifest before it is whole."
    )
