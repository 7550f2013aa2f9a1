"""The symbols that each of Kraken's markets has been recorded under."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
        rules: KRAKEN_PAIR of the producer that recorded it last, if that held rules. Where a market
            has today's rules, what Kraken listed then was all seen: a market without a record has
            been listed since.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    exchange: str
    key: str
    symbols: tuple[str, ...]
    rules: str = ""


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
    labels: Collection[str],
    now: Callable[[], datetime],
    rules: str = "",
    write: Callable[[Sequence[Records]], None] | None = None,
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
        labels: The symbols that SYMBOL names.
        now: The time.
        rules: KRAKEN_PAIR, if it holds rules.
        write: Writes the markets of the pairs, which may be none; else `publisher` does.

    Returns:
        The pairs under their former symbols, whose missing ids are still asked for.

    Raises:
        TerminalError, KafkaUnreachable: A cursor or market could not be written.
    """
    former: list[Pair] = []
    kept: list[Records] = []
    for pair in pairs:
        known = markets.get(pair.key)
        symbols = known.symbols if known else ()
        if symbols and symbols[-1] != pair.symbol and pair.symbol not in labels:
            _follow_the_name(publisher, pair, symbols[-1], now())
        former += [pair.recorded_as(one) for one in symbols if one != pair.symbol]
        others = tuple(one for one in symbols if one != pair.symbol)
        market = Market(
            exchange=exchange,
            key=pair.key,
            symbols=(*others, pair.symbol),
            rules=rules or (known.rules if known else ""),
        )
        if market != known:
            value = market.model_dump_json(exclude_defaults=True).encode()
            stamp = int(now().timestamp() * _MILLISECONDS)
            kept.append(Records(topic, pair.key.encode(), [value], stamp))
    if write is not None:
        write(kept)
    elif kept:
        # In one transaction: the first start of a rule may have over a thousand.
        publisher.keep(kept)
    return former


def _follow_the_name(publisher: Publisher, pair: Pair, old: str, now: datetime) -> None:
    cursor = publisher.positions.recorded(old).cursor
    if cursor is None or publisher.positions.recorded(pair.symbol).cursor is not None:
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
