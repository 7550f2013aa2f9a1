"""What the monitor can find wrong.

WatchError
├── MetricsOff          there is no port to serve metrics on
├── ServicesMissing     a service that the stream needs does not answer, or answers with an error
└── StreamStandsStill   there are records to land and nothing lands
"""

__all__ = ["MetricsOff", "ServicesMissing", "StreamStandsStill", "WatchError"]


class WatchError(Exception):
    """Anything that the monitor finds wrong; its message says what to look at."""


class MetricsOff(WatchError):
    """There is no port to serve metrics on."""


class ServicesMissing(WatchError):
    """A service that the stream needs does not answer, or answers with an error."""


class StreamStandsStill(WatchError):
    """There are records to land and nothing lands."""
