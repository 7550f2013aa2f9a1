"""What former verifications proved of single files, kept so that the next one need not read them.

A proof is a digest of all that it rests on: what the commit log states of a file, and the size,
modification time and inode that the file had before it was read; in an object store its size, tag
and time. If one of these differs, the
digest is another one and proves nothing. So the kept proofs are merely a set of digests. One that
is lost, damaged or outdated costs time, and never makes a result wrong.
"""

import hashlib
import os
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import LakeUnwritable
from lake.layout import LakeLayout
from lake.log.commit import CommittedFile, DataFile
from lake.storage.object_client import StoredObject
from lake.storage.object_path import LakePath, ObjectPath
from lake.storage.operations import parquet_source, replace

__all__ = ["Proof", "keep_proofs", "kept_proofs", "proof_of"]

Proof = bytes
"""16 bytes of BLAKE2b."""

_FILE: Final = "files.parquet"
_COLUMN: Final = "proof"
_VERSION: Final[dict[bytes | str, bytes | str]] = {b"kraken_lake.proofs": b"1"}
"""Goes up when a verification proves more of a file than before, or something else."""
_SETTLED_AFTER: Final = 2_000_000_000
"""Nanoseconds. The clocks of some file systems advance in steps of up to two seconds. A file that
is written twice within a step keeps its modification time."""


def proof_of(
    base: LakePath, file: CommittedFile, listed: Mapping[str, StoredObject] | None = None
) -> Proof | None:
    """Return the proof that a file is what was committed, if it turns out to be that.

    Call this before the file is read: a change during the reading then gives another proof.

    Args:
        base: BASE_OUTPUT_PATH.
        file: the file.
        listed: what an object store has listed, by key; None to ask it about this one.

    Returns:
        None if the file is not there, or so new that a change might not show in its times.
    """
    seen = (
        _seen_in_store(base / file.path, listed)
        if isinstance(base, ObjectPath)
        else _seen(f"{base}/{file.path}")
    )
    if seen is None:
        return None
    stated = (file.path, file.rows, file.bytes, file.checksum)
    if isinstance(file, DataFile):
        ids = ",".join(f"{first}-{last}" for first, last in file.ids)
        volume = None if file.volume is None else file.volume.as_integer_ratio()
        stated = (*stated, ids, file.first_at, file.last_at, volume)  # type: ignore[assignment]
    return hashlib.blake2b(repr((seen, stated)).encode(), digest_size=16).digest()


def _seen(path: str) -> tuple[object, ...] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path costs more than the stat
    except OSError:
        return None
    if found.st_mtime_ns + _SETTLED_AFTER > time.time_ns():
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _seen_in_store(
    path: ObjectPath, listed: Mapping[str, StoredObject] | None
) -> tuple[object, ...] | None:
    found = path.found() if listed is None else listed.get(path.key)
    if found is None:
        return None
    # A listing may state time and tag in another form than the answer about one object.
    return found.bytes, found.tag.strip('"'), int(found.modified.timestamp())


def kept_proofs(layout: LakeLayout) -> frozenset[Proof]:
    """Read the proofs of former verifications; none if there are none that can be used."""
    try:
        kept = pq.read_table(parquet_source(layout.verified / _FILE), partitioning=None)
        if not _VERSION.items() <= (kept.schema.metadata or {}).items():
            return frozenset()
        proofs: list[Any] = kept.column(_COLUMN).to_pylist()
        return frozenset(proofs)
    except (OSError, pa.ArrowException, KeyError):
        return frozenset()


def keep_proofs(layout: LakeLayout, proofs: Collection[Proof]) -> str | None:
    """Replace the kept proofs, atomically.

    Returns:
        Why they could not be kept, as a sentence; None if they were.
    """
    if not layout.commits.exists():
        return None  # There is no commit log whose files could be proved.
    schema = pa.schema([(_COLUMN, pa.binary(16))], metadata=_VERSION)
    content = pa.BufferOutputStream()
    pq.write_table(pa.table([sorted(proofs)], schema=schema), content)
    try:
        layout.verified.mkdir(parents=True, exist_ok=True)
        replace(layout.verified / _FILE, content.getvalue().to_pybytes())
    except LakeUnwritable as error:
        return f"The next verification will read these files again: {error}"
    except OSError as error:
        return (
            "The next verification will read these files again: cannot write "
            f"{layout.verified}: {error.strerror}."
        )
    return None
