"""Moments as options of the commands: 2026-01-30 or 2026-01-30T18:00:00Z, in UTC."""

from datetime import UTC, datetime

__all__ = ["TIME_FORMATS", "in_utc"]

TIME_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]
"""The forms that are accepted."""


def in_utc(time: datetime) -> datetime:
    """Take a time without a zone for UTC."""
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
