import random
import signal
import time
from pathlib import Path

import duckdb
import pytest

from tests.chaos.lake.programs import PATIENCE, program, run_to_end

FAULT_POINTS = [
    "lake.write.writer.read_staged:1",
    "lake.write.writer.read_staged:2:after",
    "lake.write.writer.drop_duplicates:1",
    "lake.write.writer.drop_duplicates:2:after",
    "lake.write.writer.describe:1:after",
    "lake.log.commit_log.create_exclusively:1",
    "lake.log.commit_log.create_exclusively:2",
    "lake.log.commit_log.create_exclusively:1:after",
    "lake.log.commit_log.create_exclusively:2:after",
    "lake.storage.local_files.flush:1",
    "lake.write.publishing.link:1",
    "lake.write.publishing.link:1:after",
    "lake.write.publishing.link:2",
    "lake.write.publishing.link:3:after",
    "lake.storage.durable_folders.flush:1",
    "lake.storage.durable_folders.flush:1:after",
    "lake.storage.durable_folders.flush:2",
    "lake.log.commit_log.replace:1",
    "lake.log.commit_log.replace:1:after",
]


def doubled(lake: Path) -> int:
    """Trades that a reader who lists files sees twice at this moment."""
    # Files that vanish while they are listed are no harm that this writer does: it only adds.
    files = [str(path) for path in (lake / "KRAKEN").rglob("*.parquet")]
    if not files:
        return 0
    (row,) = duckdb.execute(
        "SELECT count(*) - count(DISTINCT trade_id) FROM read_parquet(?)", [files]
    ).fetchall()
    return int(row[0])


def assert_whole(lake: Path, last_id: int) -> None:
    """Every id from 1 to the last, once."""
    files = f"{lake}/KRAKEN/**/*.parquet"
    (row,) = duckdb.execute(
        "SELECT count(*), count(DISTINCT trade_id), sum(trade_id) FROM read_parquet(?)", [files]
    ).fetchall()
    assert row == (last_id, last_id, last_id * (last_id + 1) // 2)


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_killed_at_every_named_point(tmp_path: Path, point: str) -> None:
    """The process dies there indeed, readers see no trade twice, and the next run completes it."""
    # Enough batches for the log's summary, which comes every hundred commits.
    last_id = 30_000 if "replace" in point else 2_000
    with program("lander", tmp_path, f"{last_id}", "--kill-at", point) as killed:
        assert killed.wait(PATIENCE) == -signal.SIGKILL
    assert doubled(tmp_path) == 0
    run_to_end("lander", tmp_path, f"{last_id}")
    assert_whole(tmp_path, last_id)


@pytest.mark.timeout(14_400)
def test_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    """Kill after kill while a reader looks on; then one run to the end."""
    chance = random.Random()
    last_id = 2_000 * rounds
    for _ in range(rounds):
        with program("lander", tmp_path, f"{last_id}"):
            time.sleep(chance.uniform(0.3, 1.2))
            assert doubled(tmp_path) == 0
    run_to_end("lander", tmp_path, f"{last_id}")
    assert_whole(tmp_path, last_id)
