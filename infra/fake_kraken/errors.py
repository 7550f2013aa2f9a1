"""What can go wrong before the replay server answers.

ReplayError
├── RecordingInvalid    a file is missing, or not what Kraken answers
├── FaultInvalid        a fault of an unknown kind, or with unknown settings
└── ServerNotStarted    the port is taken, or may not be used
"""

__all__ = ["FaultInvalid", "RecordingInvalid", "ReplayError", "ServerNotStarted"]


class ReplayError(Exception):
    """The replay server cannot start, or cannot arm a fault."""


class RecordingInvalid(ReplayError):
    """A recording's file is missing, or does not hold Kraken's answer."""


class FaultInvalid(ReplayError):
    """A fault of an unknown kind, or with unknown settings."""


class ServerNotStarted(ReplayError):
    """The server could not listen on its port."""
