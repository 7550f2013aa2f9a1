"""Where the recording of a pair without a cursor starts."""

from datetime import datetime

__all__ = [
    "BEGINNING",
    "EARLIEST_MOMENT",
    "cursor_at",
    "first_since",
    "just_before",
    "nanoseconds",
    "read_moment",
]

BEGINNING = "beginning"
EARLIEST_MOMENT = 10**15
"""A lower cursor of Kraken's is `0`, a market's beginning, and stands for no time."""


def first_since(start_from: str) -> str | None:
    """Return the `since` of a pair's very first call, from START_FROM.

    Args:
        start_from: `now`, `beginning`, or a time in ISO 8601 with its zone:
            `2026-01-30T18:00:00Z`.

    Returns:
        None for the newest page; else Kraken's cursor, nanoseconds since 1970 as text.

    Raises:
        ValueError: It is none of these.
    """
    if start_from == "now":
        return None
    if start_from == BEGINNING:
        return "0"
    moment = read_moment(start_from)
    if moment is None:
        raise ValueError(
            f"{start_from!r} is neither now nor beginning nor a time with its zone, such as "
            "2026-01-30T18:00:00Z"
        )
    return just_before(moment)


def just_before(moment: datetime) -> str:
    """Return Kraken's cursor whose next trade may be one at this very time.

    Kraken gives the trades after a cursor, so it is one nanosecond less.
    """
    seconds = int(moment.replace(microsecond=0).timestamp())
    return str(max(0, (seconds * 1_000_000 + moment.microsecond) * 1_000 - 1))


def read_moment(text: str) -> datetime | None:
    """Read a time in ISO 8601; None if the text is none, or lacks its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def cursor_at(micros: int) -> str:
    """Return Kraken's cursor at a trade's time in microseconds: nanoseconds as text."""
    return str(max(0, micros * 1_000))


def nanoseconds(since: str) -> int | None:
    """Return the time of a cursor of Kraken's, nanoseconds since 1970; None if it has none."""
    return int(since) if since.isdecimal() else None
