"""What can go wrong with a lake.

LakeError
├── LakeBusy           another process writes this lake
├── WriterFenced       another writer took this writer's commit number
├── LakeDamaged        the folder and its commit log contradict each other
├── LakeMissing        there is no lake in this folder, or no such commit in it
├── LakeUnwritable     the storage refused: full, read-only, no permission
├── SnapshotGone       the lake as it was then is no longer on disk
├── WitnessSilent      the program that was asked about the lake's trades did not answer
└── StagingIncomplete  a staged batch does not hold the rows that were counted
"""

__all__ = [
    "LakeBusy",
    "LakeDamaged",
    "LakeError",
    "LakeMissing",
    "LakeUnwritable",
    "SnapshotGone",
    "StagingIncomplete",
    "WitnessSilent",
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


class LakeUnwritable(LakeError):
    """The storage below the lake refused a write."""


class SnapshotGone(LakeError):
    """The lake as of an earlier commit was requested, but its files have been replaced since."""


class WitnessSilent(LakeError):
    """Another program was asked about the lake's trades and did not answer."""


class StagingIncomplete(LakeError):
    """A staged batch does not hold the rows that were counted while it was written."""
