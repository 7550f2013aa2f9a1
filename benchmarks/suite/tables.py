"""What a table costs: to keep it up to date, how late it is, and to read by it.

A stream lands live trades while `kraken-lake tables sync --every "1 second"` follows it, for each
format. Then a day of five pairs is read by listing its files and by its tables, in each of the
readers.
"""

import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.data.pairs import many_pairs
from benchmarks.data.synthetic import Market
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.candidates import OURS
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed, Running, running
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.latency import Case, watched
from benchmarks.suite.query import compact, land_as_stream
from benchmarks.suite.questions import Question
from benchmarks.suite.table_lag import FOLLOWED, Followed, lateness
from benchmarks.suite.table_questions import READERS, Answer
from lake.layout import LakeLayout, symbol_to_folder
from lake.tables.formats import table_of
from lake.tables.sync import sync

__all__ = ["compared", "measure"]

_CASE: Final = Case(OURS, "websocket", 1_000)
_EVERY: Final = "1 second"
_HALF: Final = 0.5
_NEARLY_ALL: Final = 0.99
_BEGUN_WITHIN: Final = 120.0
_PAIRS: Final = 5
_DAY: Final = 86_400.0
_NO_VERSION_IS_OLD: Final = datetime(2000, 1, 1, tzinfo=UTC)


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Follow a stream, then read a day.

    Raises:
        ProgramFailed: A program ended by itself, or files and tables gave different answers.
    """
    entries = [Round(f"{table.key}.follow", partial(_follow, bench, table)) for table in FOLLOWED]
    followed = in_rounds(bench, entries, 1)
    figures = followed | _read(bench)
    return figures | ({} if bench.only else compared(figures))


def compared(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return what a scan by a table takes against one of the files; the worst reader counts."""
    found: dict[str, Figure] = {}
    for table in FOLLOWED:
        scans = {
            reader: ratios(
                figures[f"tables.compacted.{reader}.{table.format}.scan_s"],
                figures[f"tables.compacted.{reader}.files.scan_s"],
            )
            for reader in READERS
        }
        found |= {f"{table.key}.{reader}.scan_vs_files": scan for reader, scan in scans.items()}
        found[f"{table.key}.vs_files"] = max(scans.values(), key=lambda scan: scan.median)
    return found


def _follow(bench: Environment, table: Followed) -> Measurements:
    """Land live trades with a sync beside it; return what both used, and how late the table was."""
    used: dict[str, float] = {}
    with watched(bench, _CASE, beside=partial(_syncing, table, used)) as found:
        lake = Path(found.environment["BASE_OUTPUT_PATH"])
        late = list(lateness(table, lake, found.window))
    if not late:
        raise ProgramFailed(f"no file that counts is in the {table.format} table")
    p50, p99 = np.quantile(late, [_HALF, _NEARLY_ALL])
    return {
        f"{table.key}.sync.cpu_cores": used["cpu_cores"],
        f"{table.key}.stream.cpu_cores": found.used["cpu_cores"],
        f"{table.key}.sync.vs_stream": used["cpu_cores"] / found.used["cpu_cores"],
        f"{table.key}.lag.p50_s": float(p50),
        f"{table.key}.lag.p99_s": float(p99),
        f"{table.key}.lag.max_s": max(late),
    }


@contextmanager
def _syncing(
    table: Followed, used: dict[str, float], _: list[Running], environment: Mapping[str, str]
) -> Iterator[None]:
    """Keep the table up to date; note what that takes once the program has started."""
    sync_it = ("tables", "sync", "--format", str(table.format), "--every", _EVERY)
    command = [sys.executable, "-m", "lake", *sync_it]
    lake = Path(environment["BASE_OUTPUT_PATH"])
    with running("sync", command, lake.parent, environment) as program:
        deadline = time.monotonic() + _BEGUN_WITHIN
        while not table.has_begun(lake):
            if program.has_ended() or time.monotonic() > deadline:
                raise ProgramFailed(program.obituary("did not begin a table"))
            time.sleep(0.05)
        before, began = program.cpu_seconds, time.monotonic()
        yield
        used["cpu_cores"] = (program.cpu_seconds - before) / (time.monotonic() - began)


def _read(bench: Environment) -> dict[str, Figure]:
    """Read a day before and after compaction, in rounds."""
    folder = bench.fresh_folder("tables")
    pairs = many_pairs(_PAIRS)
    symbols = [pair.symbol for pair in pairs]
    trades = Market(pairs).trade(bench.sizes.query_trades, _DAY)
    bench.log(f"a day of {len(trades):,} trades of {_PAIRS} pairs, with its tables")
    every = bench.sizes.query_commit_seconds
    is_last = trades.executed_at >= trades.executed_at[-1] - int(every * 1e6)
    live = LakeLayout(folder / "live", "KRAKEN")
    land_as_stream(live, trades.taken(~is_last), symbols, every)
    compacted = LakeLayout(folder / "compacted", "KRAKEN")
    shutil.copytree(live.base, compacted.base)
    _sync(compacted)
    compact(bench, compacted)
    entries = []
    for name, layout in (("live", live), ("compacted", compacted)):
        _sync(layout)
        # The stream goes on after a compaction, and so do the tables.
        land_as_stream(layout, trades.taken(is_last), symbols, every)
        _sync(layout)
        for reader, ways in READERS.items():
            _compare(reader, ways, layout, symbol_to_folder(symbols[0]))
            entries += [
                Round(key, partial(_ask, key, answer, layout, symbol_to_folder(symbols[0])))
                for way, answer in ways.items()
                for key in [f"tables.{name}.{reader}.{way}"]
            ]
    figures = in_rounds(bench, entries, bench.sizes.query_rounds)
    shutil.rmtree(folder)
    return figures


def _sync(layout: LakeLayout) -> None:
    for table in FOLLOWED:
        sync(layout, table_of(layout, table.format, ""), _NO_VERSION_IS_OLD)


def _ask(key: str, answer: Answer, layout: LakeLayout, symbol: str) -> Measurements:
    measured = {}
    for question in Question:
        began = time.perf_counter()
        answer(layout, question, symbol)
        measured[f"{key}.{question}_s"] = time.perf_counter() - began
    return measured


def _compare(reader: str, ways: Mapping[str, Answer], layout: LakeLayout, symbol: str) -> None:
    """Check that files and tables give answers of the same length.

    Raises:
        ProgramFailed: They do not.
    """
    for question in Question:
        found = {way: answer(layout, question, symbol) for way, answer in ways.items()}
        if len(set(found.values())) != 1:
            raise ProgramFailed(f"{reader} found {found} rows for {question} in {layout.base}")
