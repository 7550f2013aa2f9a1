"""Whether a growing lake, more pairs or a second worker change the figures.

The lake grows by commits of synthetic trades that no stream has landed. At each size a stream
starts on it and lands a topic to its end, and then lands trades as they come.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.data.lakes import LakeFiller, filling_lake
from benchmarks.data.pairs import MARKET, many_pairs
from benchmarks.data.synthetic import Market
from benchmarks.data.topics import Filling
from benchmarks.output.figures import Figure, Measurements
from benchmarks.run.candidates import OURS, Candidate, ours_on, ours_on_a_grown_lake
from benchmarks.run.environment import Environment
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.suite.land import filling_of
from benchmarks.suite.landing import Landing, land, leave_empty
from benchmarks.suite.latency import Case, watch
from lake.layout import LakeLayout

__all__ = ["measure"]

_MILLION: Final = 1_000_000
_COMMIT: Final = 20_000
_LONG_AGO: Final = 1_736_467_200_000_000
"""2025-01-10T00:00:00Z: no hour of the topics, whose trades are of 2026."""
_OTHER_IDS: Final = 1_000_000_001
_RATE: Final = 1_000
_BATCHES: Final = 4
_WORKERS: Final = (1, 2)


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure each number of pairs, each number of workers, and each size of the lake.

    Raises:
        LakeError: The lake could not be grown.
    """
    pairs = bench.sizes.scale_pairs
    steps = [("landing of {} pairs", _land_pairs, pairs)]
    if bench.sizes.is_thorough:
        steps += [
            ("latency of {} pairs", _follow_pairs, pairs),
            ("landing by {} workers", _land_by_workers, _WORKERS),
            ("latency by {} workers", _follow_by_workers, _WORKERS),
        ]
    entries = [
        Round(title.format(count), partial(measured, bench, count))
        for title, measured, counts in steps
        for count in counts
    ]
    if bench.sizes.market_pairs is not None:
        market = partial(_follow_market, bench, bench.sizes.market_pairs)
        entries.append(Round(f"latency of a market of {bench.sizes.market_pairs} pairs", market))
    figures = in_rounds(bench, entries, 1)
    figures |= _grow_and_measure(bench, filling_of(bench.sizes.land_records))
    return figures


def _land_pairs(bench: Environment, count: int) -> Measurements:
    usual = filling_of(bench.sizes.scale_records)
    filling = Filling(usual.records, seconds=usual.seconds, pairs=tuple(many_pairs(count)))
    return _landed(bench, f"pairs_{count}", OURS, filling)


def _follow_pairs(bench: Environment, count: int) -> Measurements:
    """Measure the whole pipeline: our producer follows all pairs by WebSocket."""
    return _followed(bench, f"pairs_{count}", Case(OURS, "websocket", _RATE, count))


def _follow_market(bench: Environment, count: int) -> Measurements:
    """Measure the whole pipeline for longer, with pairs as unequal as Kraken's."""
    held = bench.sizes.with_latency_over(bench.sizes.latency_held_seconds)
    case = Case(OURS, "market", _RATE, count)
    return _followed(replace(bench, sizes=held), f"market_{count}", case)


def _land_by_workers(bench: Environment, count: int) -> Measurements:
    usual = filling_of(bench.sizes.scale_records)
    filling = Filling(usual.records, seconds=usual.seconds, partitions=4)
    return _landed(bench, f"workers_{count}", _ours_by(count), filling)


def _follow_by_workers(bench: Environment, count: int) -> Measurements:
    return _followed(bench, f"workers_{count}", Case(_ours_by(count), "direct", _RATE))


def _ours_by(workers: int) -> Candidate:
    """Return the stream with workers of one core each, as processes of this machine."""
    return ours_on(f"ours_{workers}_workers", "kraken-lake", f"local-cluster[{workers},1,1024]")


def _grow_and_measure(bench: Environment, filling: Filling) -> Mapping[str, Figure]:
    folder = bench.fresh_folder("grown")
    grown = LakeLayout(folder, "KRAKEN")
    market = Market(MARKET, start=_LONG_AGO, first_id=_OTHER_IDS)
    measured: dict[str, Figure] = {}
    size = 0
    for millions in bench.sizes.scale_trades:
        bench.log(f"a lake of {millions} million trades")
        with filling_lake(grown, [pair.symbol for pair in MARKET]) as lake:
            _grow(lake, market, millions * _MILLION - size)
        size = millions * _MILLION
        landing, live = _on_grown(bench, millions, folder, filling)
        measured |= in_rounds(bench, [landing], bench.sizes.rounds)
        measured |= in_rounds(bench, [live], 1)
    shutil.rmtree(grown.base)
    return measured


def _on_grown(
    bench: Environment, millions: int, base: Path, filling: Filling
) -> tuple[Round, Round]:
    """A stream lands a topic on a copy of the lake, whose files are links to the same content.

    Another lands trades as they come.
    """

    def copy(work: Path) -> None:
        shutil.copytree(base, work / "data", copy_function=os.link)

    stream, name = ours_on_a_grown_lake(), f"lake_{millions}_million"

    landing = partial(_landed, bench, name, stream, filling, copy)
    live = partial(_followed, bench, name, Case(stream, "direct", _RATE), copy)
    return Round(f"landing on {name}", landing), Round(f"latency on {name}", live)


def _grow(lake: LakeFiller, market: Market, trades: int) -> None:
    for first in range(0, trades, _COMMIT):
        count = min(_COMMIT, trades - first)
        lake.commit(market.trade(count, filling_of(count).seconds))


def _landed(
    bench: Environment,
    name: str,
    candidate: Candidate,
    filling: Filling,
    prepare: Callable[[Path], None] = leave_empty,
) -> Measurements:
    batch = min(filling.records // _BATCHES, bench.sizes.land_batch)
    landing = Landing(candidate, bench.topic(filling), filling.records, batch, batch, prepare)
    measured = land(bench, landing)
    wanted = ("rows_per_s", "cpu_s_per_million", "memory_mb", "start_s")
    return {f"scale.{name}.{what}": measured[what] for what in wanted if what in measured}


def _followed(
    bench: Environment, name: str, case: Case, prepare: Callable[[Path], None] = leave_empty
) -> Measurements:
    measured = watch(bench, case, prepare)
    wanted = ("p50_s", "p99_s", "cpu_cores", "feed_cpu_cores")
    return {f"scale.{name}.{what}": measured[what] for what in wanted}
