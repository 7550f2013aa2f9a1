"""What can go wrong while the archives of a lock file are installed.

JarsError
├── JarsTransient          a retry may help
│   └── FetchFailed        Ivy did not get every archive
└── JarsTerminal           a person has to change something first
    ├── LockInvalid        jars.lock is missing, unreadable or lacks the group
    ├── ChecksumMismatch   an archive differs from the locked one
    ├── ResolveFailed      Ivy could not resolve the dependencies for a new lock
    └── PysparkMissing     this environment has no pyspark, and so no Ivy
"""

__all__ = [
    "ChecksumMismatch",
    "FetchFailed",
    "JarsError",
    "JarsTerminal",
    "JarsTransient",
    "LockInvalid",
    "PysparkMissing",
    "ResolveFailed",
]


class JarsError(Exception):
    """Anything this package raises."""


class JarsTransient(JarsError):
    """A retry may help."""


class JarsTerminal(JarsError):
    """A retry does not help until a person changes something."""


class FetchFailed(JarsTransient):
    """Ivy did not get every archive."""


class LockInvalid(JarsTerminal):
    """jars.lock is missing, unreadable or lacks the group."""


class ChecksumMismatch(JarsTerminal):
    """An archive differs from the locked one."""


class ResolveFailed(JarsTerminal):
    """Ivy could not resolve the dependencies for a new lock."""


class PysparkMissing(JarsTerminal):
    """This environment has no pyspark, and so no Ivy."""
