"""The queries of a day of trades, in DuckDB and in Polars, for each way to store it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

__all__ = ["ENGINES", "Kept", "Question", "frame_for", "sql_for"]

Rows = list[tuple[Any, ...]]


class Question(StrEnum):
    """A question to a day of trades."""

    SCAN = "scan"
    """Trades, prices, volume and turnover of every pair: all rows."""
    CANDLES = "candles"
    """Candles of a minute of one pair."""
    HOUR = "hour"
    """One pair's trades of one hour, all columns."""


@dataclass(frozen=True)
class Kept:
    """One way in which the day is kept.

    Attributes:
        name: In the results.
        pattern: Of its files.
        trades: How many there are.
        symbol: The busiest pair's symbol in it.
    """

    name: str
    pattern: str
    trades: int
    symbol: str

    @property
    def is_csv(self) -> bool:
        """Whether it is CSV and not Parquet."""
        return self.pattern.endswith(".csv.gz")

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(path.stat().st_size for path in _files(self.pattern))


def _ask_duckdb(kept: Kept, question: Question) -> Rows:
    """Run the query in DuckDB, over a new connection."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = f"read_csv('{kept.pattern}')"
        if not kept.is_csv:
            hive = "hive_partitioning = true, union_by_name = true"
            source = f"read_parquet('{kept.pattern}', {hive})"
        return connection.execute(sql_for(question, source, kept.symbol)).fetchall()


def _ask_polars(kept: Kept, question: Question) -> Rows:
    """Run the query in Polars, on a lazy frame."""
    if kept.is_csv:
        frame = pl.scan_csv(kept.pattern, try_parse_dates=True)
    else:
        frame = pl.scan_parquet(
            kept.pattern, hive_partitioning="*" in kept.pattern, missing_columns="insert"
        )
    return frame_for(question, frame, kept.symbol).collect().rows()


def sql_for(question: Question, source: str, symbol: str) -> str:
    """Return a question in DuckDB's SQL."""
    return _SQL[question].format(source=source, symbol=symbol)


def frame_for(question: Question, frame: pl.LazyFrame, symbol: str) -> pl.LazyFrame:
    """Return a question to a lazy frame of Polars."""
    return _POLARS[question](frame, symbol)


ENGINES: Final[Mapping[str, Callable[[Kept, Question], Rows]]] = {
    "duckdb": _ask_duckdb,
    "polars": _ask_polars,
}

_SQL: Final = {
    Question.SCAN: """
        SELECT symbol, count(*), min(price), max(price), sum(volume), sum(price::DOUBLE * volume),
            count_if(side = 'BUY'), max(trade_id), max(ingested_at - executed_at)
        FROM {source} GROUP BY symbol ORDER BY symbol
    """,
    Question.CANDLES: """
        SELECT time_bucket(INTERVAL 1 minute, executed_at) AS minute, arg_min(price, trade_id),
            max(price), min(price), arg_max(price, trade_id), sum(volume)
        FROM {source} WHERE symbol = '{symbol}' GROUP BY minute ORDER BY minute
    """,
    Question.HOUR: """
        SELECT * FROM {source}
        WHERE symbol = '{symbol}' AND executed_at >= TIMESTAMPTZ '2026-01-30 12:00:00+00'
            AND executed_at < TIMESTAMPTZ '2026-01-30 13:00:00+00'
    """,
}


def _scan(frame: pl.LazyFrame, _: str) -> pl.LazyFrame:
    price, volume = pl.col("price"), pl.col("volume")
    return (
        frame.group_by("symbol")
        .agg(
            pl.len().alias("trades"),
            price.min().alias("lowest"),
            price.max().alias("highest"),
            volume.sum().alias("volume"),
            (price.cast(pl.Float64) * volume.cast(pl.Float64)).sum().alias("turnover"),
            (pl.col("side") == "BUY").sum().alias("buys"),
            pl.col("trade_id").max().alias("last_id"),
            (pl.col("ingested_at") - pl.col("executed_at")).max().alias("latest"),
        )
        .sort("symbol")
    )


def _candles(frame: pl.LazyFrame, symbol: str) -> pl.LazyFrame:
    price = pl.col("price")
    return (
        frame.filter(pl.col("symbol") == symbol)
        .group_by(pl.col("executed_at").dt.truncate("1m"))
        .agg(
            price.sort_by("trade_id").first().alias("open"),
            price.max().alias("high"),
            price.min().alias("low"),
            price.sort_by("trade_id").last().alias("close"),
            pl.col("volume").sum(),
        )
        .sort("executed_at")
    )


def _hour(frame: pl.LazyFrame, symbol: str) -> pl.LazyFrame:
    at = pl.col("executed_at")
    noon = pl.datetime(2026, 1, 30, 12, time_zone="UTC")
    return frame.filter(
        (pl.col("symbol") == symbol) & (at >= noon) & (at < noon + pl.duration(hours=1))
    )


_POLARS: Final = {
    Question.SCAN: _scan,
    Question.CANDLES: _candles,
    Question.HOUR: _hour,
}


def _files(pattern: str) -> list[Path]:
    folder, _, below = pattern.partition("/**/")
    return list(Path(folder).rglob(below)) if below else [Path(pattern)]
