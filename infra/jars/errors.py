"""What can go wrong between a lock file and jars that are ready to run.

JarsError
├── JarsTransient          worth another try
│   └── FetchFailed        Ivy did not get every archive
└── JarsTerminal           a person has to change something first
    ├── LockInvalid        jars.lock is missing, unreadable or names no such group
    ├── ChecksumMismatch   an archive is not the one that was locked
    ├── ResolveFailed      Ivy could not work out the dependencies for a new lock
    └── PysparkMissing     this environment has no pyspark, and so no Ivy
"""


class JarsError(Exception):
    """Anything this package raises."""


class JarsTransient(JarsError):
    """Worth another try."""


class JarsTerminal(JarsError):
    """The same again until a person changes something."""


class FetchFailed(JarsTransient):
    """Ivy did not get every archive."""


class LockInvalid(JarsTerminal):
    """jars.lock is missing, unreadable or names no such group."""


class ChecksumMismatch(JarsTerminal):
    """An archive is not the one that was locked."""


class ResolveFailed(JarsTerminal):
    """Ivy could not work out the dependencies for a new lock."""


class PysparkMissing(JarsTerminal):
    """This environment has no pyspark, and so no Ivy."""
