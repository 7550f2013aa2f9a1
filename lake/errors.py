"""What can go wrong with a lake.

LakeError
├── LakeBusy           another process writes this lake
├── WriterFenced       another writer took this writer's commit number
├── LakeDamaged        the folder and its commit log contradict each other
├── LakeMissing        there is no lake where it was looked for
├── LakeUnwritable     the storage refused: full, read-only, no permission
├── SnapshotGone       the lake as it was then is no longer on disk
├── WitnessSilent      who was to be asked about the lake did not answer
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
    """Nothing was ever committed in the folder that was looked at, or all of it is gone."""


class LakeUnwritable(LakeError):
    """The storage below the lake refused a write."""


class SnapshotGone(LakeError):
    """The lake as of an earlier commit was asked for, and its files were replaced since."""


class WitnessSilent(LakeError):
    """Another program was asked what it knows of the lake's trades, and did not tell."""


class StagingIncomplete(LakeError):
    """A staged batch holds another number of rows than was counted while it was written."""
