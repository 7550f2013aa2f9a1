"""What can stop the demo or the run.

LocalError
└── ProgramFailed   one of the platform's programs ended with an error
"""

__all__ = ["LocalError", "ProgramFailed"]


class LocalError(Exception):
    """Anything that stops the pipeline on this machine."""


class ProgramFailed(LocalError):
    """One of the platform's programs ended with an error; shows the end of its log."""
