"""Where the recording of a pair starts that has no cursor yet."""

from datetime import datetime

__all__ = ["first_since"]

_BEGINNING = "0"


def first_since(start_from: str) -> str | None:
    """The `since` of a pair's very first call, from what START_FROM says.

    Args:
        start_from: `now`, `beginning`, or a time as ISO 8601 writes it, with its zone:
            `2026-01-30T18:00:00Z`.

    Returns:
        None for the newest page; else Kraken's cursor, nanoseconds since 1970 as text. Kraken
        gives the trades after it, so it is one less than the time asked for.

    Raises:
        ValueError: it is none of these.
    """
    if start_from == "now":
        return None
    if start_from == "beginning":
        return _BEGINNING
    try:
        moment = datetime.fromisoformat(start_from)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            f"{start_from!r} is neither now nor beginning nor a time with its zone, such as "
            "2026-01-30T18:00:00Z"
        )
    seconds = int(moment.replace(microsecond=0).timestamp())
    return str(max(0, (seconds * 1_000_000 + moment.microsecond) * 1_000 - 1))
