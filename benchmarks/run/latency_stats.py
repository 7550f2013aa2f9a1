"""How long each trade took until a reader could see it, from the files that a stream wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.run.processes import ProgramFailed
from benchmarks.run.timeline import parquet_files

__all__ = ["Seen", "latencies", "seen_in", "seen_of", "slices"]

_HALF: Final = 0.5
_NEARLY_ALL: Final = 0.99


@dataclass(frozen=True)
class Seen:
    """The trades of all files.

    Attributes:
        executed_at: Unix seconds.
        visible_at: Unix seconds.
        identity: Of each trade, by symbol and id.
    """

    executed_at: npt.NDArray[np.float64]
    visible_at: npt.NDArray[np.float64]
    identity: frozenset[tuple[str, int]]

    def __len__(self) -> int:
        return len(self.executed_at)


def seen_in(folder: Path) -> Seen:
    """Return the trades of all files that a reader would list."""
    return seen_of((path, path.parent.name, path.stat().st_ctime) for path in parquet_files(folder))


def seen_of(files: Iterable[tuple[Path, str, float]]) -> Seen:
    """Return the trades of files, each with its pair and the moment at which it was visible."""
    executed, visible, identity = [], [], []
    for path, symbol, at in files:
        table = pq.read_table(path, columns=["executed_at", "trade_id"], partitioning=None)
        # Spark's own sink writes nanoseconds without a zone (INT96).
        moments = table.column("executed_at").cast(pa.timestamp("us", tz="UTC"))
        micros = moments.cast(pa.int64()).to_numpy()
        executed.append(micros / 1e6)
        visible.append(np.full(len(micros), at))
        ids: list[int] = table.column("trade_id").to_numpy().tolist()
        identity += [(symbol, trade_id) for trade_id in ids]
    if not executed:
        return Seen(np.empty(0), np.empty(0), frozenset())
    return Seen(np.concatenate(executed), np.concatenate(visible), frozenset(identity))


def latencies(seen: Seen, window: tuple[float, float]) -> dict[str, float]:
    """Of the trades that happened within the window; nothing of none.

    Raises:
        ProgramFailed: A trade is there twice, or a pair's ids have a gap.
    """
    if len(seen.identity) != len(seen):
        raise ProgramFailed(f"{len(seen) - len(seen.identity)} trades are there twice")
    ids: dict[str, list[int]] = {}
    for symbol, trade_id in seen.identity:
        ids.setdefault(symbol, []).append(trade_id)
    missing = sum(max(one) - min(one) + 1 - len(one) for one in ids.values())
    if missing:
        raise ProgramFailed(f"{missing} trades never became visible")
    inside = (seen.executed_at >= window[0]) & (seen.executed_at < window[1])
    waited = (seen.visible_at - seen.executed_at)[inside]
    if not len(waited):
        return {}
    p50, p99 = np.quantile(waited, [_HALF, _NEARLY_ALL])
    halves = np.array_split(waited[np.argsort(seen.executed_at[inside])], 2)
    return {
        "p50_s": float(p50),
        "p99_s": float(p99),
        "max_s": float(waited.max()),
        "trades_per_s": len(waited) / (window[1] - window[0]),
        # Above 1 it falls behind.
        "second_half_vs_first": float(np.median(halves[1]) / np.median(halves[0])),
    }


def slices(
    seen: Seen, window: tuple[float, float], seconds: float
) -> dict[int, tuple[float, float]]:
    """Half and nearly all of the trades' waits, slice by slice of the window.

    Returns:
        p50 and p99 in seconds, by the second of the window at which the slice begins.
    """
    waits = seen.visible_at - seen.executed_at
    waits_by_second = {}
    for start in np.arange(window[0], window[1], seconds):
        inside = (seen.executed_at >= start) & (seen.executed_at < start + seconds)
        if inside.any():
            p50, p99 = np.quantile(waits[inside], [_HALF, _NEARLY_ALL])
            waits_by_second[round(start - window[0])] = (float(p50), float(p99))
    return waits_by_second
