"""What the monitor can find wrong.

WatchError
├── ServicesMissing     a service that the stream needs does not answer, or answers with an error
└── StreamStandsStill   there are records to land and nothing lands
"""

__all__ = ["ServicesMissing", "StreamStandsStill", "WatchError"]


class WatchError(Exception):
    """Anything that the monitor finds wrong; its message says what to look at."""


class ServicesMissing(WatchError):
    """A service that the stream needs does not answer, or answers with an error."""


class StreamStandsStill(WatchError):
    """There are records to land and nothing lands."""
