"""What can go wrong before the replay server answers.

ReplayError
├── RecordingInvalid    a file is missing, or not what Kraken answers
├── FaultInvalid        a fault that does not exist, or with settings that it does not have
└── ServerNotStarted    the port is taken, or may not be used
"""


class ReplayError(Exception):
    """The replay server cannot do what it was asked for."""


class RecordingInvalid(ReplayError):
    """A recording's file is missing, or holds something else than Kraken's answer."""


class FaultInvalid(ReplayError):
    """A fault that does not exist, or with settings that it does not have."""


class ServerNotStarted(ReplayError):
    """The server could not listen on its port."""
