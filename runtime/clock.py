"""The time."""

from datetime import UTC, datetime

__all__ = ["utc_now"]


def utc_now() -> datetime:
    """Return the time now, UTC."""
    return datetime.now(UTC)
