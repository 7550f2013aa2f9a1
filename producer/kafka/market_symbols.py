"""The symbols that each of Kraken's markets has been recorded under."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from producer.errors import CursorUnusable
from producer.kafka.publisher import Publisher
from producer.kafka.records import Records
from producer.model.gaps.missing_ids import KeyAndValue
from producer.model.pair import Pair

__all__ = ["Market", "carry_on", "newest_markets"]

log = structlog.get_logger()

_MILLISECONDS: Final = 1000


class Market(BaseModel):
    """One of Kraken's markets, by the key that stays when its names change.

    It is a JSON record with this key in the compacted topic `<topic>.markets`.

    Attributes:
        exchange: The venue's name in capitals.
        key: Kraken's key in AssetPairs: `LUNAUSD`.
        symbols: The symbols it was recorded under, the newest last.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    exchange: str
    key: str
    symbols: tuple[str, ...]


def newest_markets(records: Iterable[KeyAndValue]) -> dict[str, Market]:
    """Read the markets from the topic's records, by key.

    Raises:
        CursorUnusable: A value is no market.
    """
    newest = dict(records)
    try:
        found = [Market.model_validate_json(one) for one in newest.values() if one is not None]
    except ValidationError as error:
        raise CursorUnusable(
            f"a market in Kafka cannot be read ({error.errors()[0]['msg']}); another program wrote "
            "to the topic: remove the record with a tombstone"
        ) from error
    return {market.key: market for market in found}


def carry_on(  # noqa: PLR0913  what a start needs for its pairs
    publisher: Publisher,
    pairs: Sequence[Pair],
    markets: Mapping[str, Market],
    *,
    topic: str,
    exchange: str,
    labelled: bool,
    now: Callable[[], datetime],
) -> list[Pair]:
    """Let pairs that Kraken has renamed continue from the cursors of their old names.

    A cursor's key is the symbol. If a renamed pair started without a cursor, it would skip what
    was traded since it was renamed. Labels are the user's own choice, and stay.

    Args:
        publisher: Live recording's publisher, opened.
        pairs: The pairs to record.
        markets: The markets that Kafka holds, by key.
        topic: The topic of the markets.
        exchange: The recorded venue.
        labelled: Whether SYMBOL names the symbols to record.
        now: The time.

    Returns:
        The pairs under their former symbols, whose missing ids are still asked for.

    Raises:
        TerminalError: A cursor or market could not be written.
    """
    former: list[Pair] = []
    for pair in pairs:
        known = markets.get(pair.key)
        symbols = known.symbols if known else ()
        if symbols and symbols[-1] != pair.symbol and not labelled:
            _follow_the_name(publisher, pair, symbols[-1], now())
        former += [pair.recorded_as(one) for one in symbols if one != pair.symbol]
        if not symbols or symbols[-1] != pair.symbol:
            others = tuple(one for one in symbols if one != pair.symbol)
            market = Market(exchange=exchange, key=pair.key, symbols=(*others, pair.symbol))
            value = market.model_dump_json().encode()
            stamp = int(now().timestamp() * _MILLISECONDS)
            publisher.keep([Records(topic, pair.key.encode(), [value], stamp)])
    return former


def _follow_the_name(publisher: Publisher, pair: Pair, old: str, now: datetime) -> None:
    cursor = publisher.recorded(old).cursor
    if cursor is None or publisher.recorded(pair.symbol).cursor is not None:
        return
    publisher.restore(cursor.model_copy(update={"symbol": pair.symbol, "updated_at": now}))
    log.warning(
        "pair_renamed",
        key=pair.key,
        recorded_as=old,
        symbol=pair.symbol,
        last_trade_id=cursor.last_trade_id,
        because="Kraken has renamed the market; it continues from its cursor under the new name. "
        "Set SYMBOL to keep the old one",
    )
