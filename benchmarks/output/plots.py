"""The figures as plots, in `docs/benchmarks/`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.output.figures import Figure
from benchmarks.run.candidates import CANDIDATES
from benchmarks.suite import produce

__all__ = ["draw"]

Figures = Mapping[str, Figure]

_OURS: Final = "#1b6ca8"
_OTHERS: Final = "#b9c4cc"
_WIDTH: Final = 8.0
_LIVE_TICKS: Final = (0.3, 0.5, 1.0, 2.0, 5.0)
"""Seconds: from a usual wait to those after silence."""
_GROWTH: Final = {
    "rows a second": "rows_per_s",
    "memory at most, MB": "memory_mb",
    "seconds to a visible file, p50": "p50_s",
    "seconds to start": "start_s",
}
"""What is drawn of a lake or a number of pairs: the label, and its name in the figures."""
_TITLES: Final = {**produce.TITLES, **{one.name: one.title for one in CANDIDATES}}


def draw(figures: Figures, folder: Path) -> list[Path]:
    """Draw the plots that there are figures for, and return the written files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [
        _efforts(figures, folder / "produce.svg", r"produce\.(\w+)", "acknowledged"),
        _efforts(figures, folder / "land.svg", r"land\.(\w+)\.one", "warm, one partition"),
        _latency(figures, folder / "latency.svg"),
        _live(figures, folder / "live.svg"),
        _query(figures, folder / "query.svg"),
        _growth(figures, folder / "scale_lake.svg", r"lake_(\d+)_million", "million trades there"),
        _growth(figures, folder / "scale_pairs.svg", r"pairs_(\d+)", "pairs"),
    ]
    return [path for path in drawn if path is not None]


def _efforts(figures: Figures, path: Path, who: str, how: str) -> Path | None:
    """Rate, and what they take: of all whose figures begin with `who`, measured `how`."""
    rates = _matching(figures, rf"{who}\.(?:rows|records)_per_s")
    if not rates:
        return None
    with _canvas(path, 2, 0.45 * len(rates) + 1) as (speed, effort):
        ordered = sorted(rates, key=lambda key: rates[key].median)
        _bars(speed, ordered, rates)
        speed.set_xlabel(f"rows a second, {how}")
        costs = _matching(figures, rf"{who}\.cpu_s_per_million")
        known = [key for key in ordered if key in costs]
        _bars(effort, known, costs)
        effort.set_xlabel("CPU seconds a million rows")
        effort.set_yticklabels([])
    return path


def _latency(figures: Figures, path: Path) -> Path | None:
    halves = _matching(figures, r"latency\.(\w+\.\w+\.\d+)\.p50_s")
    tails = _matching(figures, r"latency\.(\w+\.\w+\.\d+)\.p99_s")
    if not halves:
        return None
    ordered = sorted(halves, reverse=True)
    with _canvas(path, 1, 0.4 * len(ordered) + 1) as (axes,):
        positions = range(len(ordered))
        axes.barh(positions, [tails[key].median for key in ordered], color=_OTHERS, label="p99")
        axes.barh(positions, [halves[key].median for key in ordered], 0.5, color=_OURS, label="p50")
        axes.set_yticks(positions, [_case(key) for key in ordered])
        axes.set_xlabel("seconds from the exchange's timestamp to a visible file")
        axes.legend(frameon=False)
    return path


def _live(figures: Figures, path: Path) -> Path | None:
    tails = _matching(figures, r"live\.second_(\d+)\.p99_s")
    halves = _matching(figures, r"live\.second_(\d+)\.p50_s")
    if not halves:
        return None
    seconds = sorted(halves, key=int)
    with _canvas(path, 1, 2.5) as (axes,):
        for found, colour, label in ((tails, _OTHERS, "p99"), (halves, _OURS, "p50")):
            medians = [found[one].median for one in seconds]
            axes.plot([int(one) for one in seconds], medians, color=colour, label=label)
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_yticks(_LIVE_TICKS, [f"{one:g}" for one in _LIVE_TICKS])
        axes.set_xlabel("seconds of a feed with five breaks and a maintenance")
        axes.set_ylabel("seconds to a visible file")
        axes.legend(frameon=False)
    return path


def _query(figures: Figures, path: Path) -> Path | None:
    scans = _matching(figures, r"query\.(\w+\.\w+)\.scan_s")
    sizes = _matching(figures, r"query\.(\w+)\.bytes_per_trade")
    if not scans:
        return None
    with _canvas(path, 2, 0.4 * len(scans) + 1) as (time, size):
        _bars(time, sorted(scans, reverse=True), scans)
        time.set_xlabel("seconds for a scan of the day")
        _bars(size, sorted(sizes, reverse=True), sizes)
        size.set_xlabel("bytes a trade")
    return path


def _growth(figures: Figures, path: Path, what: str, along: str) -> Path | None:
    """Plot the figures that depend on a size; `what` is the pattern of the size in their names."""
    grown = {
        label: found
        for label, metric in _GROWTH.items()
        if (found := _matching(figures, rf"scale\.{what}\.{metric}"))
    }
    if not grown:
        return None
    with _canvas(path, len(grown), 2.5) as plots:
        for axes, (label, found) in zip(plots, grown.items(), strict=True):
            sizes = sorted(found, key=int)
            medians = [found[one].median for one in sizes]
            axes.plot(range(len(sizes)), medians, "o-", color=_OURS)
            axes.set_xticks(range(len(sizes)), sizes)
            axes.set_ylim(0, 1.1 * max(medians))
            axes.yaxis.set_major_formatter("{x:,.10g}")
            axes.set_xlabel(along)
            axes.set_ylabel(label)
    return path


def _matching(figures: Figures, pattern: str) -> dict[str, Figure]:
    """Return the figures whose names match, by the pattern's group."""
    found = ((re.fullmatch(pattern, name), figure) for name, figure in figures.items())
    return {match[1]: figure for match, figure in found if match}


def _bars(axes: Axes, keys: Sequence[str], figures: Figures) -> None:
    """Draw a bar for each median, with a line from lowest to highest; ours in colour."""
    medians = [figures[key].median for key in keys]
    reach = [
        [figures[key].median - min(figures[key].values) for key in keys],
        [max(figures[key].values) - figures[key].median for key in keys],
    ]
    colours = [_OURS if key.startswith(("ours", "compacted")) else _OTHERS for key in keys]
    positions = range(len(keys))
    axes.barh(positions, medians, xerr=reach, color=colours, ecolor="#444444")
    axes.set_yticks(positions, [_case(key) for key in keys])
    axes.locator_params("x", nbins=5)
    axes.xaxis.set_major_formatter("{x:,.10g}")


def _case(key: str) -> str:
    name, *more = key.split(".")
    return ", ".join([_TITLES.get(name, name), *more])


@contextmanager
def _canvas(path: Path, plots: int, height: float) -> Iterator[Sequence[Axes]]:
    """Yield axes side by side, and save them at the end. The same figures give the same file."""
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 8}):
        canvas = Canvas(figsize=(_WIDTH, height), layout="constrained")
        axes = list(canvas.subplots(1, plots, squeeze=False)[0])
        for one in axes:
            one.spines[["top", "right"]].set_visible(False)
        yield axes
        canvas.savefig(path, format="svg", metadata={"Date": None})
