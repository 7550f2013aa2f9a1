"""What an hour costs a reader that a stream is still adding to: at minute 59, and compacted.

A stream's commits of 0.3 s are made by the lake's own writer, and its open hours are merged every
ten seconds of event time, as `kraken-lake compact --open-hours --every "10 seconds"` does it.
"""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from benchmarks.data.pairs import many_pairs
from benchmarks.data.synthetic import START_MICROS, Market
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.run.environment import Environment
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.query import ask, compact, land_as_stream
from benchmarks.suite.questions import ENGINES, Kept
from lake.errors import LakeDamaged
from lake.layout import LakeLayout, symbol_to_folder
from lake.settings import LakeSettings
from lake.storage.object_path import on_disk
from lake.write.open_hours import OpenHoursMerger

__all__ = ["measure"]

_PAIRS: Final = 8
_MINUTES: Final = 59
_COMMIT_SECONDS: Final = 0.3
_MERGE_EVERY: Final = timedelta(seconds=10)
_CLOSED_AFTER: Final = timedelta(hours=1)
_NAME: Final = "open_hour"


class _Merging:
    """Merges open hours as time goes by, and counts the rows that are written again."""

    def __init__(self, layout: LakeLayout) -> None:
        self._merger = OpenHoursMerger(layout, LakeSettings().parquet_compression, _CLOSED_AFTER)
        self._next = datetime.fromtimestamp(START_MICROS / 1e6, UTC) + _MERGE_EVERY
        self.rows = 0

    def round_if_due(self, now: datetime) -> None:
        """Run a round if the last one was long enough ago.

        Raises:
            LakeDamaged: A file could not be read.
        """
        if now < self._next:
            return
        self._next = now + _MERGE_EVERY
        for outcome in self._merger.round(now):
            if isinstance(outcome, LakeDamaged):
                raise outcome
            self.rows += outcome.trades


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Fill the hour, query it, compact it, and query it again.

    Raises:
        LakeError: The hour could not be written.
        ProgramFailed: Compaction failed.
    """
    folder = bench.fresh_folder(_NAME)
    pairs = many_pairs(_PAIRS)
    symbols = [pair.symbol for pair in pairs]
    trades = Market(pairs).trade(bench.sizes.open_hour_trades, _MINUTES * 60.0)
    bench.log(f"{_MINUTES} minutes of {len(trades):,} trades of {_PAIRS} pairs")
    live = LakeLayout(folder / "live", "KRAKEN")
    merging = _Merging(live)
    land_as_stream(live, trades, symbols, _COMMIT_SECONDS, merging.round_if_due)
    compacted = LakeLayout(folder / "compacted", "KRAKEN")
    shutil.copytree(live.base, compacted.base)
    compact(bench, compacted)
    kept = [
        Kept(name, f"{layout.trades}/**/*.parquet", len(trades), symbol_to_folder(symbols[0]))
        for name, layout in (("merged", live), ("compacted", compacted))
    ]
    measured = in_rounds(
        bench,
        [
            Round(f"{_NAME}.{one.name}.{engine}", partial(ask, _NAME, one, engine))
            for one in kept
            for engine in ENGINES
        ],
        bench.sizes.query_rounds,
    )
    of_hour: Measurements = {
        f"{_NAME}.rows_written_per_trade": 1 + merging.rows / len(trades),
        f"{_NAME}.files_per_pair": _files(live) / _PAIRS,
    }
    shutil.rmtree(folder)
    figures = measured | {name: Figure((value,)) for name, value in of_hour.items()}
    return figures | ({} if bench.only else _compared(figures))


def _files(layout: LakeLayout) -> int:
    return sum(1 for _ in on_disk(layout.trades, "The bench").rglob("*.parquet"))


def _compared(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the open hour's scan by that of the same hour compacted."""
    return {
        f"{_NAME}.scan_vs_compacted.{engine}": ratios(
            figures[f"{_NAME}.merged.{engine}.scan_s"],
            figures[f"{_NAME}.compacted.{engine}.scan_s"],
        )
        for engine in ENGINES
    }
