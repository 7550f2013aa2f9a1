"""What can go wrong with a lake.

LakeError
├── LakeBusy              another process writes this lake
├── WriterFenced          another writer took this writer's commit number
├── LakeDamaged           the folder and its commit log contradict each other
├── LakeMissing           there is no lake in this folder, or no such commit in it
├── TableDamaged          the table over the lake's files cannot be read, or is not this lake's
├── CatalogUnavailable    the catalog that names the table's newest version does not answer
├── LakeUnwritable        the storage refused: full, read-only, no permission
│   └── StoreRefused      the object store below the lake refused a request or did not answer
├── StoreUnsupported      this needs a file system, and the lake is in an object store
├── SnapshotGone          the lake as it was then is no longer on disk
│   └── CommitsFolded     nor are the commits after it
├── ReferenceUnavailable  the program that was asked about the lake's trades did not answer
└── StagingIncomplete     a staged batch does not hold the rows that were counted
"""

__all__ = [
    "CatalogUnavailable",
    "CommitsFolded",
    "LakeBusy",
    "LakeDamaged",
    "LakeError",
    "LakeMissing",
    "LakeUnwritable",
    "ReferenceUnavailable",
    "SnapshotGone",
    "StagingIncomplete",
    "StoreRefused",
    "StoreUnsupported",
    "TableDamaged",
    "WriterFenced",
]


class LakeError(Exception):
    """Anything that stops work on a lake; its message says what to do next."""


class LakeBusy(LakeError):
    """Another process holds the writer's lock of this lake."""


class WriterFenced(LakeError):
    """Another writer took the commit number that this writer was about to use."""


class LakeDamaged(LakeError):
    """The files on disk and the commit log contradict each other."""


class LakeMissing(LakeError):
    """The folder has no lake or no such commit: nothing was committed, or it is gone."""


class TableDamaged(LakeError):
    """A table over the lake's files cannot be read, or holds what the lake does not."""


class CatalogUnavailable(LakeError):
    """The catalog of a table did not answer, or refused; the lake does not depend on it."""


class LakeUnwritable(LakeError):
    """The storage below the lake refused a write."""


class StoreRefused(LakeUnwritable):
    """The object store below the lake refused a request, or did not answer.

    Args:
        message: what happened, to what, and what to do.
        may_have_happened: whether the request may have been carried out all the same.
    """

    def __init__(self, message: str, *, may_have_happened: bool = False) -> None:
        super().__init__(message)
        self.may_have_happened = may_have_happened


class StoreUnsupported(LakeError):
    """Something that needs a file system was asked of a lake in an object store."""


class SnapshotGone(LakeError):
    """The lake as of an earlier commit was requested, but its files have been replaced since."""


class CommitsFolded(SnapshotGone):
    """Commits were needed one by one that are summed up in a manifest; their files may be gone."""


class ReferenceUnavailable(LakeError):
    """Another program was asked about the lake's trades and did not answer."""


class StagingIncomplete(LakeError):
    """A staged batch does not hold the rows that were counted while it was written."""
