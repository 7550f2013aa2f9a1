"""A recorded Trades answer as a tape, which keeps every recorded digit."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from infra.fake_kraken.errors import RecordingInvalid
from infra.fake_kraken.market.tape import TapePair
from producer.kraken.json_text import elements, members, read_json
from producer.kraken.rest.envelope import open_envelope
from producer.model.venue_errors import VenueError

__all__ = ["DEFAULT_RECORDING", "Recording", "load_recording", "unique_cursors"]

DEFAULT_RECORDING: Final = Path(__file__).parent / "recordings" / "trades_XBTUSDT_2025-11-10.json"
_ROW_FIELDS: Final = 7
_TIME: Final = 2


@dataclass(frozen=True, slots=True)
class Recording:
    """Recorded trades of one pair. A `Tape`, all of which is visible at any time.

    Attributes:
        pair: The pair.
        fields: For each trade, the JSON text of its row's fields.
        cursors: For each trade, its nanosecond, strictly increasing; the last is the recorded
            `last`.
    """

    pair: TapePair
    fields: tuple[tuple[str, ...], ...]
    cursors: tuple[int, ...]
    synthetic: bool = False

    def visible(self, now: int) -> int:  # noqa: ARG002  a recording has ended at any time
        """Return the number of all trades."""
        return len(self.fields)

    def cursor(self, index: int) -> int:
        """Return the trade's own nanosecond."""
        return self.cursors[index]

    def first_after(self, cursor: int) -> int:
        """Return the number of the first trade after the cursor."""
        return bisect_right(self.cursors, cursor)

    def rows(self, indexes: Iterable[int]) -> list[str]:
        """Return the rows in Kraken's own compact form."""
        return [f"[{','.join(self.fields[index])}]" for index in indexes]


def load_recording(path: Path) -> Recording:
    """Read a recorded Trades answer, and the AssetPairs answer beside it.

    Args:
        path: `trades_*.json`; `asset_pairs_NAME.json` must be in the same folder.

    Raises:
        RecordingInvalid: A file is missing, or does not hold such an answer.
    """
    answer = _result_members(path)
    last = answer.pop("last", "")
    if len(answer) != 1 or not last:
        raise RecordingInvalid(f"{path} is no Trades answer: it wants one pair and 'last'")
    ((name, rows),) = answer.items()
    fields = tuple(tuple(elements(row)) for row in elements(rows))
    if not fields or any(len(row) < _ROW_FIELDS for row in fields):
        raise RecordingInvalid(f"{path} holds no trades, or some without a trade_id")
    times = [int(Decimal(row[_TIME]).scaleb(9)) for row in fields]
    return Recording(
        _load_pair(path.parent / f"asset_pairs_{name}.json", name),
        fields,
        unique_cursors(times, int(str(read_json(last)))),
    )


def unique_cursors(times: Sequence[int], last: int) -> tuple[int, ...]:
    """Return a unique nanosecond for each trade; the last trade's is the recorded cursor.

    Recorded times are rounded, and up to 17 trades share one. A trade that is not before its
    successor is therefore moved back by some nanoseconds.

    Args:
        times: The rows' times in nanoseconds.
        last: The page's cursor.
    """
    cursors = [last]
    for time in reversed(times[:-1]):
        cursors.append(min(time, cursors[-1] - 1))
    return tuple(reversed(cursors))


def _load_pair(path: Path, name: str) -> TapePair:
    """Read the pair's entry out of a recorded AssetPairs answer."""
    entry = _result_members(path).get(name)
    names = read_json(entry) if entry else None
    if entry is None or not isinstance(names, dict) or not {"altname", "wsname"} <= names.keys():
        raise RecordingInvalid(f"{path} has no altname and wsname of {name}")
    return TapePair(name, names["altname"], names["wsname"], entry)


def _result_members(path: Path) -> dict[str, str]:
    """Return the JSON text of each member of a recorded answer's result."""
    try:
        text = path.read_text(encoding="utf-8")
        open_envelope(text, asked=path.name)
    except (OSError, UnicodeDecodeError, VenueError) as error:
        raise RecordingInvalid(f"{path} is no recorded answer of Kraken's: {error}") from error
    return dict(members(dict(members(text))["result"]))
