"""Parse Kraken's Trades answer into trades, without losing a digit. Pure."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import astuple

from producer.kraken.json_text import elements, members
from producer.kraken.rest.answer import PlainRow
from producer.kraken.rest.columns import read_rows
from producer.kraken.rest.envelope import Envelope, open_envelope
from producer.kraken.rest.row import FIELDS, Origin, read_row, read_trade_id
from producer.model.page import RejectedRow, TradesPage
from producer.model.pair import Pair
from producer.model.trade import Trade
from producer.model.units import micros_of
from producer.model.venue_errors import UnknownRowShape

__all__ = ["parse_trades_page", "read_trades_page"]


def parse_trades_page(
    body: bytes | str, *, pair: Pair, exchange: str, ingested_at: datetime
) -> TradesPage:
    """Read one Trades answer.

        {"error": [], "result": {"XBTUSDT": [ROW, ...], "last": "1762820035982277754"}}

    Raises:
        VenueError: The answer is an error, is malformed, or holds a row of unknown shape.
    """
    envelope = open_envelope(body, asked=f"Trades for {pair.key}")
    return read_trades_page(envelope, pair=pair, exchange=exchange, ingested_at=ingested_at)


def read_trades_page(
    envelope: Envelope, *, pair: Pair, exchange: str, ingested_at: datetime
) -> TradesPage:
    """Read the rows of an opened answer; see `parse_trades_page`, whose errors it shares."""
    rows = envelope.result.get(pair.key)
    last = envelope.result.get("last")
    if not isinstance(rows, list):
        raise envelope.malformed(f"holds no list of trades named {pair.key}")
    if not isinstance(last, str) or not last:
        raise envelope.malformed("holds no cursor named 'last'")
    origin = Origin(exchange, pair.symbol, micros_of(ingested_at))
    if all(isinstance(row, PlainRow) for row in rows):
        try:
            return TradesPage(read_rows(rows, origin), (), last, len(rows))
        except (TypeError, ValueError):  # an unusual row: reading each alone shows which
            rows = [list(astuple(row)) for row in rows]
    trades, rejected = _read_each(envelope, pair, rows, origin)
    return TradesPage(trades, rejected, last, len(rows))


def _read_each(
    envelope: Envelope, pair: Pair, rows: Sequence[object], origin: Origin
) -> tuple[tuple[Trade, ...], tuple[RejectedRow, ...]]:
    """Read each row alone: return the trades, and the rows that are no valid trade."""
    trades = []
    faults: dict[int, tuple[str, int | None]] = {}
    for index, row in enumerate(rows):
        if not isinstance(row, list) or len(row) < FIELDS:
            raise _unknown_shape(envelope, pair, index)
        try:
            trades.append(read_row(row, origin))
        except ValueError as error:
            faults[index] = (str(error), read_trade_id(row))
    texts = _row_texts(envelope, pair) if faults else ()
    return tuple(trades), tuple(
        RejectedRow(texts[index], reason, trade_id) for index, (reason, trade_id) in faults.items()
    )


def _unknown_shape(envelope: Envelope, pair: Pair, index: int) -> UnknownRowShape:
    """Return an error that shows the row, so that a reader can find it in Kraken's answer."""
    row = " ".join(_row_texts(envelope, pair)[index].split())
    return UnknownRowShape(
        f"row {index} of {envelope.asked} is no list of {FIELDS} or more fields "
        f"(price, volume, time, side, type, misc, trade_id): {row}; "
        "Kraken's format has changed, or the answer is older than trade_id"
    )


def _row_texts(envelope: Envelope, pair: Pair) -> Sequence[str]:
    """Return the exact text of each row. Slow, so only for rows that are kept or shown."""
    result = dict(members(envelope.text))["result"]
    return tuple(elements(dict(members(result))[pair.key]))
