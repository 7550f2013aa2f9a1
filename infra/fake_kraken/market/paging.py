"""Selects the trades of one Trades answer, and writes its body.

As at Kraken, `since` is a nanosecond cursor, exclusive. Without one, the answer has the newest
trades. `last` is the last trade's cursor, or the `since` of the request if there are no new trades.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Final

from infra.fake_kraken.market.tape import Tape

__all__ = ["MOST_TRADES", "Page", "turn_page", "write_page"]

MOST_TRADES: Final = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """One answer before it is written.

    Attributes:
        tape: The pair's trades.
        since: The cursor of the request.
        start: The number of the first trade after the cursor.
        numbers: The trades of this page, by their numbers on the tape.
        last: The cursor for the next page.
    """

    tape: Tape
    since: int | None
    start: int
    numbers: Sequence[int]
    last: int


def turn_page(
    tape: Tape,
    *,
    since: int | None,
    count: int,
    now: int,
    missing: AbstractSet[int] = frozenset(),
) -> Page:
    """Select the trades of one answer.

    Args:
        tape: The pair's trades.
        since: The cursor, exclusive; None for the newest trades.
        count: Maximum number of trades, 1 to 1000.
        now: Unix nanoseconds; later trades do not exist yet.
        missing: The numbers of trades that are left out; later trades take their place.
    """
    visible = tape.visible(now)
    start = max(0, visible - count) if since is None else min(tape.first_after(since), visible)
    numbers: Sequence[int] = range(start, min(start + count, visible))
    if missing:
        present = (number for number in range(start, visible) if number not in missing)
        numbers = list(islice(present, count))
    last = tape.cursor(numbers[-1]) if numbers else since or 0
    return Page(tape, since, start, numbers, last)


def write_page(page: Page, extra_rows: Sequence[str] = ()) -> bytes:
    """Write the answer's body."""
    rows = ",".join([*page.tape.rows(page.numbers), *extra_rows])
    name = page.tape.pair.rest_name
    return f'{{"error":[],"result":{{"{name}":[{rows}],"last":"{page.last}"}}}}'.encode()
