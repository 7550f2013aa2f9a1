"""What a Delta table costs: to keep it up to date, how late it is, and to read by it.

A stream lands live trades while `kraken-lake tables sync --every "1 second"` follows it. Then a day
of five pairs is read by listing its files and by its table, in each of the readers.
"""

import json
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
from benchmarks.suite.table_questions import READERS, Answer
from lake.layout import LakeLayout, symbol_to_folder
from lake.storage.object_path import on_disk
from lake.tables.delta.actions import to_path
from lake.tables.delta.table import DeltaTable
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
        ProgramFailed: A program ended by itself, or files and table gave different answers.
    """
    followed = in_rounds(bench, [Round("tables.follow", partial(_follow, bench))], 1)
    figures = followed | _read(bench)
    return figures | ({} if bench.only else compared(figures))


def compared(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return what a scan by the table takes against one of the files; the worst reader counts."""
    scans = {
        reader: ratios(
            figures[f"tables.compacted.{reader}.delta.scan_s"],
            figures[f"tables.compacted.{reader}.files.scan_s"],
        )
        for reader in READERS
    }
    return {
        **{f"tables.{reader}.scan_vs_files": scan for reader, scan in scans.items()},
        "tables.vs_files": max(scans.values(), key=lambda scan: scan.median),
    }


def _follow(bench: Environment) -> Measurements:
    """Land live trades with a sync beside it; return what both used, and how late the table was."""
    used: dict[str, float] = {}
    with watched(bench, _CASE, beside=partial(_syncing, used)) as found:
        layout = LakeLayout(Path(found.environment["BASE_OUTPUT_PATH"]), "KRAKEN")
        late = list(_lateness(layout, found.window))
    if not late:
        raise ProgramFailed("no file that counts is in the table")
    p50, p99 = np.quantile(late, [_HALF, _NEARLY_ALL])
    return {
        "tables.sync.cpu_cores": used["cpu_cores"],
        "tables.stream.cpu_cores": found.used["cpu_cores"],
        "tables.sync.vs_stream": used["cpu_cores"] / found.used["cpu_cores"],
        "tables.lag.p50_s": float(p50),
        "tables.lag.p99_s": float(p99),
        "tables.lag.max_s": max(late),
    }


@contextmanager
def _syncing(
    used: dict[str, float], _: list[Running], environment: Mapping[str, str]
) -> Iterator[None]:
    """Keep the table up to date; note what that takes once the program has started."""
    command = [sys.executable, "-m", "lake", "tables", "sync", "--every", _EVERY]
    lake = Path(environment["BASE_OUTPUT_PATH"])
    with running("sync", command, lake.parent, environment) as program:
        deadline = time.monotonic() + _BEGUN_WITHIN
        while not any((lake / "_delta_log").glob("*.json")):
            if program.has_ended() or time.monotonic() > deadline:
                raise ProgramFailed(program.obituary("did not begin a table"))
            time.sleep(0.05)
        before, began = program.cpu_seconds, time.monotonic()
        yield
        used["cpu_cores"] = (program.cpu_seconds - before) / (time.monotonic() - began)


def _lateness(layout: LakeLayout, window: tuple[float, float]) -> Iterator[float]:
    """Yield the seconds from when a file could be listed to when a version had it."""
    base = on_disk(layout.base, "The bench")
    for version in sorted((base / "_delta_log").glob("*.json")):
        in_table = version.stat().st_ctime
        for line in version.read_text(encoding="utf-8").splitlines():
            if not line.startswith('{"add"'):
                continue
            visible = (base / to_path(json.loads(line)["add"]["path"])).stat().st_ctime
            if window[0] <= visible < window[1]:
                yield in_table - visible


def _read(bench: Environment) -> dict[str, Figure]:
    """Read a day before and after compaction, in rounds."""
    folder = bench.fresh_folder("tables")
    pairs = many_pairs(_PAIRS)
    symbols = [pair.symbol for pair in pairs]
    trades = Market(pairs).trade(bench.sizes.query_trades, _DAY)
    bench.log(f"a day of {len(trades):,} trades of {_PAIRS} pairs, with a Delta table")
    live = LakeLayout(folder / "live", "KRAKEN")
    land_as_stream(live, trades, symbols, bench.sizes.query_commit_seconds)
    compacted = LakeLayout(folder / "compacted", "KRAKEN")
    shutil.copytree(live.base, compacted.base)
    compact(bench, compacted)
    entries = []
    for name, layout in (("live", live), ("compacted", compacted)):
        sync(layout, DeltaTable(layout), _NO_VERSION_IS_OLD)
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


def _ask(key: str, answer: Answer, layout: LakeLayout, symbol: str) -> Measurements:
    measured = {}
    for question in Question:
        began = time.perf_counter()
        answer(layout, question, symbol)
        measured[f"{key}.{question}_s"] = time.perf_counter() - began
    return measured


def _compare(reader: str, ways: Mapping[str, Answer], layout: LakeLayout, symbol: str) -> None:
    """Check that files and table give answers of the same length.

    Raises:
        ProgramFailed: They do not.
    """
    for question in Question:
        found = {way: answer(layout, question, symbol) for way, answer in ways.items()}
        if len(set(found.values())) != 1:
            raise ProgramFailed(f"{reader} found {found} rows for {question} in {layout.base}")
