import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from infra.embedded import EmbeddedStack
from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.lifeline import tied
from infra.replay import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes

ROOT = Path(__file__).resolve().parents[2]
PAIRS = 2
TRADES_PER_ROUND = 6_000
"""Of each pair: more than a producer fetches between two kills."""

REGISTER = (sys.executable, "-m", "schemas", "register")
PRODUCE = (sys.executable, "-m", "producer")
LAND = (str(Path(sys.executable).with_name("spark-submit")), "spark_consumer/main.py")


class Onlooker(threading.Thread):
    """A reader that merely lists files, over and over, and keeps what it saw amiss."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._ended = threading.Event()
        self.amiss: list[str] = []
        self.reads = 0

    def run(self) -> None:
        """Read until told to end."""
        while not self._ended.wait(0.3):
            files = [str(path) for path in self._folder.rglob("*.parquet")]
            if files:
                self.reads += 1
                try:
                    doubled = count_doubled(files)
                except duckdb.Error as error:
                    self.amiss.append(str(error))
                else:
                    self.amiss += [f"{doubled} trades twice"] * bool(doubled)

    def end(self) -> None:
        """Stop reading."""
        self._ended.set()
        self.join()


def count_doubled(files: list[str]) -> int:
    """How many trades are in these files more than once."""
    (row,) = duckdb.execute(
        "SELECT count(*) - count(DISTINCT (symbol, trade_id)) "
        "FROM read_parquet(?, hive_partitioning = true)",
        [files],
    ).fetchall()
    return int(row[0])


@contextmanager
def started(
    command: tuple[str, ...], environment: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program with all its children in a process group of its own, killed at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            tied(command),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to the whole group: Spark's JVM and its Python at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.timeout(7200)
def test_producer_and_stream_killed_over_and_over_lose_and_double_nothing(
    tmp_path: Path, rounds: int
) -> None:
    """Real processes, SIGKILL at any moment, a reader looking on; in the end all is there once."""
    trades = TRADES_PER_ROUND * rounds
    tapes = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=trades, pairs=PAIRS)
    chance = random.Random()
    onlooker = Onlooker(tmp_path / "data" / "KRAKEN")
    with ReplayServer(tapes) as kraken, EmbeddedStack(tmp_path / "stack", JARS) as stack:
        environment = {
            **stack.env(),
            "KRAKEN_API_URL": kraken.url,
            "KRAKEN_PAIR": ",".join(tape.pair.wsname for tape in tapes),
            "KRAKEN_CALL_INTERVAL_SECONDS": "0.3",
            "START_FROM": "beginning",
            "BASE_OUTPUT_PATH": str(tmp_path / "data"),
        }
        run_to_end(REGISTER, environment, tmp_path)
        onlooker.start()
        for _ in range(rounds):
            with (
                started(PRODUCE, environment, tmp_path / "produce.log"),
                started((*LAND, "--trigger", "0 seconds"), environment, tmp_path / "land.log"),
            ):
                time.sleep(chance.uniform(2, 14))
        run_to_end((*PRODUCE, "--until-caught-up"), environment, tmp_path)
        run_to_end((*LAND, "--once"), environment, tmp_path)
    onlooker.end()
    assert (onlooker.amiss, onlooker.reads > 0) == ([], True)
    files = f"{tmp_path}/data/KRAKEN/**/*.parquet"
    landed = duckdb.execute(
        "SELECT count(*), count(DISTINCT trade_id), sum(trade_id) "
        "FROM read_parquet(?, hive_partitioning = true) GROUP BY symbol",
        [files],
    ).fetchall()
    assert landed == [(trades, trades, trades * (trades + 1) // 2)] * PAIRS


def run_to_end(command: tuple[str, ...], environment: dict[str, str], logs: Path) -> None:
    """Run a program that is expected to end well."""
    with started(command, environment, logs / "end.log") as process:
        assert process.wait(timeout=600) == 0
