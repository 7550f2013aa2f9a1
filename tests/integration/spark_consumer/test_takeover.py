"""A new stream takes the place of a running one while trades arrive."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Self

from confluent_kafka import Producer

from tests.engine import ROOT
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker

WITHIN = 600.0
"""Seconds for a start of Spark on a busy machine."""


@contextmanager
def program(pipeline: Pipeline, log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The stream as a program of its own; its log goes to a file."""
    command = [sys.executable, str(ROOT / "spark_consumer" / "main.py"), *options]
    with log.open("wb") as output:
        running = subprocess.Popen(
            command,
            env=pipeline.environment(),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()


class Sender:
    """Sends one trade after another, each in a transaction, until the block ends.

    Attributes:
        sent: how many were committed; their ids are 1 to this number.
    """

    def __init__(self, pipeline: Pipeline, trades: TradeMaker, schema_id: int) -> None:
        config = {**pipeline.kafka.client_config(), "transactional.id": pipeline.kafka.topic}
        self.sent = 0
        self._producer = Producer(config)
        self._topic, self._trades, self._schema_id = pipeline.kafka.topic, trades, schema_id
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> Self:
        self._producer.init_transactions()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._over.wait(0.05):
            key, value = self._trades.framed(self._schema_id, self.sent + 1)
            self._producer.begin_transaction()
            self._producer.produce(self._topic, value, key)
            self._producer.commit_transaction()
            self.sent += 1


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {WITHIN} s"
        time.sleep(0.1)


def test_a_new_stream_takes_over_and_no_trade_is_lost_or_doubled(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, tmp_path: Path
) -> None:
    """The running one ends in good order; a successor that was killed before changed nothing.

    The longest pause between two commits is printed.
    """

    def landing_runs() -> list[str]:
        return list(dict.fromkeys(commit.run_id for commit in pipeline.commits() if commit.rows))

    with (
        Sender(pipeline, trades, newest_id) as sender,
        program(pipeline, tmp_path / "old.log") as old,
    ):
        wait_until(lambda: bool(landing_runs()), "the first commit")
        with program(pipeline, tmp_path / "killed.log", "--take-over") as killed:
            killed.kill()
        with program(pipeline, tmp_path / "new.log", "--take-over") as new:
            wait_until(lambda: len(landing_runs()) == 2, "a commit of the new stream")
            assert old.wait(60) == 0, (tmp_path / "old.log").read_text()[-3000:]
            seen = sender.sent
            wait_until(lambda: sum(one.rows for one in pipeline.commits()) >= seen, "the rest")
            new.send_signal(signal.SIGTERM)
            assert new.wait(60) == 0, (tmp_path / "new.log").read_text()[-3000:]
    pipeline.land()
    rows = pipeline.query("SELECT count(*), count(DISTINCT trade_id), max(trade_id) FROM trades")
    assert rows == [(sender.sent,) * 3]
    landed = [commit for commit in pipeline.commits() if commit.rows]
    pauses = [(b.committed_at - a.committed_at).total_seconds() for a, b in pairwise(landed[:-1])]
    print(f"longest pause between two commits: {max(pauses):.2f} s")  # noqa: T201  for the reader


def test_with_no_stream_running_it_simply_starts(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """So that a scheduler can always use the same command; nothing of the warm-up stays."""
    pipeline.send(trades.framed(newest_id, i) for i in range(1, 11))
    pipeline.land(take_over=True)
    assert pipeline.query("SELECT count(*) FROM trades") == [(10,)]
    assert not list(pipeline.layout.checkpoints.glob("*"))


def test_records_that_are_no_trades_do_not_stop_the_warm_up(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """They are put in quarantine once, by the stream."""
    pipeline.send([(b"BTC/USD", b"not Avro"), trades.framed(newest_id, 1)])
    pipeline.land(take_over=True)
    assert pipeline.query("SELECT count(*) FROM trades") == [(1,)]
    assert pipeline.query("SELECT count(*) FROM quarantine") == [(1,)]
