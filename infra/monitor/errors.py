"""What a watcher can find wrong.

WatchError
├── ServicesMissing     something that the stream needs does not answer, or not as it should
└── StreamStandsStill   there is something to land and nothing lands
"""

__all__ = ["ServicesMissing", "StreamStandsStill", "WatchError"]


class WatchError(Exception):
    """Anything that a watcher finds wrong; its message says what to look at."""


class ServicesMissing(WatchError):
    """Something that the stream needs does not answer, or not as it should."""


class StreamStandsStill(WatchError):
    """There is something to land and nothing lands."""
