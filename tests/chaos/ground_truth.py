"""Compares the lake and the output of the producer's commands with what the stand-in showed."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from infra.fake_kraken import ReplayServer, ShownTrade
from tests.chaos.market import Names
from tests.engine import ROOT

__all__ = ["Differences", "Row", "Rows", "ask", "compare", "ids_of", "lake_rows", "real_holes"]

Row = tuple[Decimal, Decimal, int]
"""Price, volume and unix microseconds."""
Rows = Mapping[str, Sequence[tuple[int, Row]]]
"""Trade ids with their values, by symbol."""


@dataclass(slots=True)
class Differences:
    """The differences, a line each."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)

    @property
    def none(self) -> bool:
        """Whether all is as it should be."""
        return not (self.lost or self.doubled or self.changed or self.invented)

    def __str__(self) -> str:
        kinds = ("lost", "doubled", "changed", "invented")
        if self.none:
            return "none lost, none doubled"
        return "; ".join(
            f"{kind} {len(lines)}: {', '.join(lines[:8])}"
            for kind in kinds
            if (lines := getattr(self, kind))
        )


def compare(kraken: ReplayServer, rows: Rows, names: Names) -> Differences:
    """Each trade shown is there once, with its values; its time may be a microsecond off.

    Args:
        kraken: The stand-in that showed the trades.
        rows: The rows found, by symbol.
        names: The pairs expected under each symbol.
    """
    found = Differences()
    left = {symbol: list(some) for symbol, some in rows.items()}
    for (key, epoch), symbols in names.items():
        landed = Counter[int]()
        values: dict[int, Row] = {}
        for name in symbols:
            for trade_id, row in left.pop(name, []):
                landed[trade_id] += 1
                values[trade_id] = row
        shown = [one for one in kraken.shown.trades(key) if one.epoch == epoch]
        _hold(symbols[-1], shown, landed, values, found)
    found.invented += [f"{symbol} {len(some)} rows" for symbol, some in left.items()]
    return found


def _hold(
    key: str,
    shown: Sequence[ShownTrade],
    landed: Counter[int],
    values: Mapping[int, Row],
    found: Differences,
) -> None:
    readable = {trade.trade_id: trade for trade in shown if trade.readable}
    for trade_id, trade in readable.items():
        if trade_id not in landed:
            found.lost.append(f"{key} {trade_id}")
            continue
        price, volume, micros = values[trade_id]
        if (price, volume) != (trade.price, trade.volume) or abs(micros - trade.micros) > 1:
            found.changed.append(f"{key} {trade_id}")
    found.doubled += [f"{key} {trade_id}" for trade_id, times in landed.items() if times > 1]
    found.invented += [f"{key} {trade_id}" for trade_id in landed.keys() - readable.keys()]


def lake_rows(lake: Path) -> Rows:
    """The trades of the lake below BASE_OUTPUT_PATH, by symbol."""
    found: dict[str, list[tuple[int, Row]]] = {}
    with duckdb.connect() as connection:
        read = connection.execute(
            "SELECT symbol, trade_id, price, volume, epoch_us(executed_at) "
            "FROM read_parquet(?, hive_partitioning = true, union_by_name = true)",
            [f"{lake}/KRAKEN/**/*.parquet"],
        ).fetchall()
    for symbol, trade_id, price, volume, micros in read:
        found.setdefault(symbol.replace("_", "/"), []).append((trade_id, (price, volume, micros)))
    return found


def real_holes(kraken: ReplayServer, names: Names) -> set[tuple[str, int]]:
    """The ids that no endpoint ever showed, by the symbol that the pair has last."""
    return {
        (symbols[-1], trade_id)
        for (key, epoch), symbols in names.items()
        if epoch == 0
        for trade_id in kraken.real_holes(key)
    }


def ids_of(missing: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """The ids of holes, or of gaps, as `kraken-lake holes --json` lists them."""
    return {
        (one["symbol"], trade_id)
        for one in missing
        for trade_id in range(one["first_trade_id"], one["last_trade_id"] + 1)
    }


def ask(environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run one of our commands to its end: exit status, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
