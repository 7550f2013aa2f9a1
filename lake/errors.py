"""What can go wrong with a lake.

LakeError
├── LakeBusy        another process writes this lake
├── WriterFenced    another writer took this writer's commit number
├── LakeDamaged     the folder and its commit log contradict each other
└── LakeUnwritable  the storage refused: full, read-only, no permission
"""

__all__ = ["LakeBusy", "LakeDamaged", "LakeError", "LakeUnwritable", "WriterFenced"]


class LakeError(Exception):
    """Anything that stops work on a lake; its message says what to do next."""


class LakeBusy(LakeError):
    """Another process holds the writer's lock of this lake."""


class WriterFenced(LakeError):
    """Another writer took the commit number that this writer was about to use."""


class LakeDamaged(LakeError):
    """The files on disk and the commit log contradict each other."""


class LakeUnwritable(LakeError):
    """The storage below the lake refused a write."""
