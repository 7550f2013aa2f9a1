"""Queries of a day of five pairs by DuckDB and Polars, and the bytes of a trade.

The day is stored in four ways: the lake before and after compaction, one file sorted by hand (the
limit), and CSV.gz.

The CSV is what a recorder writes: a line for each trade in the order of arrival. For a CSV sorted
by pair, only the bytes are reported.
"""

import gzip
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.data.arrow import as_table, with_symbols
from benchmarks.data.lakes import filling_lake
from benchmarks.data.pairs import many_pairs
from benchmarks.data.synthetic import Market, Trades
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed, running
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.questions import ENGINES, Kept, Question
from lake.layout import LakeLayout, symbol_to_folder
from lake.storage.object_path import on_disk

__all__ = ["ask", "compact", "land_as_stream", "measure"]

_PAIRS: Final = 5
_DAY: Final = 86_400.0
_PATIENCE: Final = 900.0
_GZIP_DEFAULT: Final = 6
_HARDLY_REPEATING: Final = {"trade_id", "volume", "executed_at", "ingested_at"}
_ROW_GROUP: Final = 100_000
"""Small enough for both cores to work; the default of a million would leave one idle."""


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Store the day in each form, query it, and compare the compacted lake with the others.

    Raises:
        ProgramFailed: Compaction failed, or two forms gave different answers.
    """
    folder = bench.fresh_folder("query")
    ways, compaction = _keep(bench, folder)
    _compare_answers(ways)
    entries = [
        Round(f"query.{kept.name}.{engine}", partial(ask, "query", kept, engine))
        for kept in ways
        for engine in ENGINES
    ]
    figures = in_rounds(bench, entries, bench.sizes.query_rounds)
    figures |= {
        f"query.{kept.name}.bytes_per_trade": Figure((kept.bytes / kept.trades,)) for kept in ways
    }
    figures |= {name: Figure((value,)) for name, value in compaction.items()}
    shutil.rmtree(folder)
    return figures | ({} if bench.only else compared(figures))


def compared(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the compacted lake against the hand-sorted file and, by its bytes, against CSV.gz.

    The engine with the worse ratio counts.
    """
    scans = [
        ratios(
            figures[f"query.compacted.{engine}.scan_s"], figures[f"query.sorted.{engine}.scan_s"]
        )
        for engine in ENGINES
    ]
    bytes_per_trade = figures["query.compacted.bytes_per_trade"]
    return {
        "query.compacted_vs_sorted": max(scans, key=lambda scan: scan.median),
        "query.bytes_per_trade": bytes_per_trade,
        "query.bytes_vs_csv_gz": ratios(bytes_per_trade, figures["query.csv_gz.bytes_per_trade"]),
    }


def ask(part: str, kept: Kept, engine: str) -> Measurements:
    """Ask each question once, and return the seconds that the answers took."""
    measured = {}
    for question in Question:
        began = time.perf_counter()
        ENGINES[engine](kept, question)
        measured[f"{part}.{kept.name}.{engine}.{question}_s"] = time.perf_counter() - began
    return measured


def _keep(bench: Environment, folder: Path) -> tuple[list[Kept], Measurements]:
    pairs = many_pairs(_PAIRS)
    symbols = [pair.symbol for pair in pairs]
    trades = Market(pairs).trade(bench.sizes.query_trades, _DAY)
    count, busiest = len(trades), symbols[0]
    bench.log(f"a day of {count:,} trades of {_PAIRS} pairs, kept in four ways")
    in_order = trades.taken(np.lexsort((trades.trade_id, trades.pair)))
    table = with_symbols(as_table(in_order), in_order, symbols)
    single, csv, sorted_csv = (
        folder / f"{name}" for name in ("sorted.parquet", "day.csv.gz", "sorted.csv.gz")
    )
    _write_sorted(table, single)
    _write_csv(with_symbols(as_table(trades), trades, symbols), csv)
    _write_csv(table, sorted_csv)
    live = LakeLayout(folder / "live", "KRAKEN")
    land_as_stream(live, trades, symbols, bench.sizes.query_commit_seconds)
    compacted = LakeLayout(folder / "compacted", "KRAKEN")
    shutil.copytree(live.base, compacted.base)
    figures = {
        **compact(bench, compacted),
        "query.csv_gz_sorted.bytes_per_trade": sorted_csv.stat().st_size / count,
    }
    in_folders = symbol_to_folder(busiest)
    ways = [
        Kept("sorted", str(single), count, busiest),
        Kept("compacted", f"{compacted.trades}/**/*.parquet", count, in_folders),
        Kept("live", f"{live.trades}/**/*.parquet", count, in_folders),
        Kept("csv_gz", str(csv), count, busiest),
    ]
    return ways, figures


def land_as_stream(
    layout: LakeLayout,
    trades: Trades,
    symbols: list[str],
    every: float,
    after_each: Callable[[datetime], None] = lambda _: None,
) -> None:
    """Land the trades like a stream that commits every `every` seconds.

    Args:
        layout: The lake.
        trades: In the order of their times.
        symbols: The symbols of the pairs, by their numbers.
        every: Seconds of event time in one commit.
        after_each: Called after each commit, with its newest trade's time.
    """
    moments = (trades.executed_at - trades.executed_at[0]) // int(every * 1e6)
    edges = [0, *(np.flatnonzero(np.diff(moments)) + 1).tolist(), len(trades)]
    with filling_lake(layout, symbols) as lake:
        for first, end in pairwise(edges):
            lake.commit(trades.taken(slice(first, end)))
            after_each(datetime.fromtimestamp(int(trades.executed_at[end - 1]) / 1e6, UTC))


def compact(bench: Environment, layout: LakeLayout) -> Measurements:
    """Run `kraken-lake compact`, and return the time that it took.

    Raises:
        ProgramFailed: It failed.
    """
    command = [sys.executable, "-m", "lake", "compact"]
    environment = {**bench.environment(), "BASE_OUTPUT_PATH": str(layout.base)}
    with running(
        "compact", command, on_disk(layout.base, "The bench").parent, environment
    ) as program:
        program.wait(_PATIENCE)
    assert program.ended is not None  # noqa: S101 - waited for above
    return {
        "query.compaction.seconds": program.ended - program.started,
        "query.compaction.cpu_s": program.cpu_seconds,
    }


def _write_sorted(table: "pa.Table", path: Path) -> None:
    """Write it as an expert would: ids as differences, repeating columns by dictionary."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        use_dictionary=[name for name in table.column_names if name not in _HARDLY_REPEATING],  # type: ignore[arg-type]  # its stub lacks the names of columns
        column_encoding={"trade_id": "DELTA_BINARY_PACKED"},
    )


def _write_csv(table: "pa.Table", path: Path) -> None:
    """Write the same columns as text, with Kraken's eight decimals."""
    for name in ("price", "volume"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table.column(name).cast(pa.decimal128(28, 8)))
    with gzip.open(path, "wb", compresslevel=_GZIP_DEFAULT) as file:
        pa_csv.write_csv(table, file)  # type: ignore[arg-type]  # its stub lacks file objects


def _compare_answers(ways: list[Kept]) -> None:
    """Check that all forms hold the same trades.

    Raises:
        ProgramFailed: They do not.
    """
    for engine, ask in ENGINES.items():
        counts = {kept.name: sum(row[1] for row in ask(kept, Question.SCAN)) for kept in ways}
        if set(counts.values()) != {ways[0].trades}:
            raise ProgramFailed(f"{engine} found {counts} trades, not {ways[0].trades} in each")
