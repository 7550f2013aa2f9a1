"""What can go wrong before the object store runs.

StoreUnavailable
├── GoMissing      no Go that can build the server, and none could be installed
└── BuildFailed    Go could not fetch or build the server
"""

__all__ = ["BuildFailed", "GoMissing", "StoreUnavailable"]


class StoreUnavailable(Exception):
    """There is no object store on this machine; everything else works without it."""


class GoMissing(StoreUnavailable):
    """No Go that can build the server was found, and none could be installed."""


class BuildFailed(StoreUnavailable):
    """Go could not fetch or build the server."""
