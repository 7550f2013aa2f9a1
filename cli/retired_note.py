"""What a backfill cannot bring back: hours that were retired from the lake of this machine.

The producer knows nothing of a lake. Whoever types `kraken-lake backfill` beside one is told here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from lake.errors import LakeError
from lake.layout import symbol_from_folder
from lake.read.retired_hours import retired_hours
from lake.settings import LakeSettings

__all__ = ["retired_note"]

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def retired_note(arguments: Sequence[str]) -> str | None:
    """Return a sentence about retired hours in a backfill's span; None if there are none.

    A lake that is missing or cannot be read is no reason not to fetch the past.

    Args:
        arguments: those of the backfill.
    """
    since, until = _time(arguments, "--from", _BEGINNING), _time(arguments, "--to", _END)
    try:
        layout = LakeSettings().layout
        if not layout.retired.exists():
            return None
        found = [one.hour for one in retired_hours(layout, since=since) if one.hour.hour < until]
    except (LakeError, OSError, ValueError):
        return None
    if not found:
        return None
    hours = [one.hour for one in found]
    symbols = sorted({symbol_from_folder(one.symbol) for one in found})
    more = f" and {len(symbols) - 3} more pairs" if len(symbols) > 3 else ""  # noqa: PLR2004
    return (
        f"{sum(one.trades for one in found)} trades of {', '.join(symbols[:3])}{more} in this time "
        f"span are retired from the lake in {layout.base}, from {min(hours):%Y-%m-%d %H}h to "
        f"{max(hours):%Y-%m-%d %H}h. The backfill records them in Kafka, but they do not land in "
        "that lake again."
    )


def _time(arguments: Sequence[str], option: str, otherwise: datetime) -> datetime:
    """Return the time that an option names; another one if it is not given or names none."""
    for at, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == option:
            text = value or "".join(arguments[at + 1 : at + 2])
            try:
                time = datetime.fromisoformat(text)
            except ValueError:
                return otherwise
            return time if time.tzinfo else time.replace(tzinfo=UTC)
    return otherwise
