"""Latencies from what a stream left behind."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.run.latency_stats import Seen, latencies, seen_in, slices
from benchmarks.run.processes import ProgramFailed

WINDOW = (1000.0, 1010.0)


def seen(waits: list[float], first_id: int = 1) -> Seen:
    """One trade a tenth of a second from the window's start on, visible after its wait."""
    executed = WINDOW[0] + 0.1 * np.arange(len(waits))
    ids = frozenset(("symbol=BTC_USD", first_id + at) for at in range(len(waits)))
    return Seen(executed, executed + np.array(waits), ids)


def test_percentiles_are_those_of_the_waits() -> None:
    """99 trades after half a second and one after three."""
    measured = latencies(seen([0.5] * 99 + [3.0]), WINDOW)
    assert measured["p50_s"] == pytest.approx(0.5)
    assert measured["max_s"] == pytest.approx(3.0)
    assert 0.5 <= measured["p99_s"] < 3.0
    assert measured["trades_per_s"] == pytest.approx(10.0)


def test_trades_outside_the_window_do_not_count() -> None:
    """Those of the warm-up waited for the JVM."""
    measured = latencies(seen([0.5] * 100 + [60.0] * 50), WINDOW)
    assert measured["max_s"] == pytest.approx(0.5)


def test_growing_waits_show() -> None:
    """A stream that falls behind has a worse second half."""
    measured = latencies(seen([0.5] * 50 + [1.5] * 50), WINDOW)
    assert measured["second_half_vs_first"] == pytest.approx(3.0)


def test_a_missing_trade_is_no_result() -> None:
    """A program that loses trades must not look fast."""
    whole = seen([0.5] * 100)
    ids = frozenset(one for one in whole.identity if one[1] != 50)
    with pytest.raises(ProgramFailed, match="1 trades never became visible"):
        latencies(Seen(whole.executed_at[:-1], whole.visible_at[:-1], ids), WINDOW)


def test_a_trade_that_is_there_twice_is_no_result() -> None:
    """Nor must one that duplicates them."""
    whole = seen([0.5] * 100)
    executed = np.append(whole.executed_at, whole.executed_at[0])
    visible = np.append(whole.visible_at, whole.visible_at[0])
    with pytest.raises(ProgramFailed, match="1 trades are there twice"):
        latencies(Seen(executed, visible, whole.identity), WINDOW)


@pytest.mark.parametrize("old_style", [False, True], ids=["micros", "INT96"])
def test_times_are_read_however_a_sink_writes_them(tmp_path: Path, *, old_style: bool) -> None:
    """As microseconds, or as Spark's own sink does; the file's rename is when it is seen."""
    at = datetime(2026, 1, 30, 18, tzinfo=UTC)
    table = pa.table({"executed_at": pa.array([at], pa.timestamp("us", tz="UTC")), "trade_id": [7]})
    folder = tmp_path / "symbol=BTC_USD"
    folder.mkdir()
    pq.write_table(table, folder / "part.parquet", use_deprecated_int96_timestamps=old_style)
    found = seen_in(tmp_path)
    assert found.executed_at.tolist() == [at.timestamp()]
    assert found.visible_at.tolist() == [(folder / "part.parquet").stat().st_ctime]
    assert found.identity == {("symbol=BTC_USD", 7)}


def test_nothing_seen_gives_no_figures() -> None:
    """A stream that landed nothing has no percentiles."""
    assert latencies(Seen(np.empty(0), np.empty(0), frozenset()), WINDOW) == {}


def test_slices_tell_when_it_was_late() -> None:
    """Five quick seconds, then five slow ones."""
    measured = slices(seen([0.5] * 50 + [2.0] * 50), WINDOW, 5.0)
    assert measured == {0: (0.5, 0.5), 5: (2.0, 2.0)}
