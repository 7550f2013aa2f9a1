"""Whatever the topic holds, each record of it is landed or in quarantine.

`make fuzz RECORDS=1000000` is the long form; it prints what it measured.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine import ROOT
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.fuzzed_records import fuzzed_records, send_fuzzed
from tests.integration.spark_consumer.test_poison import let_any_time_in
from tests.memory import resident_bytes

RECORDS = int(os.environ.get("FUZZ_RECORDS", "30000"))
MOST_MEMORY = 3 << 30
"""Of Spark's JVM with a heap of 1 GB, its Python workers and the driver: docs/performance.md."""


@pytest.mark.timeout(3600)
def test_every_fuzzed_record_is_landed_or_quarantined_in_bounded_memory(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, tmp_path: Path
) -> None:
    """By one run of the program that never fails, and each good trade is in the lake once."""
    let_any_time_in(pipeline.kafka)
    good = RECORDS // 2
    values = [trades.framed(newest_id, i)[1] or b"" for i in range(1, good + 1)]
    began = time.monotonic()
    sent = send_fuzzed(pipeline.kafka, fuzzed_records(random.Random(20), values, RECORDS))
    say(f"\nsent {sent} in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    peak, log = land(pipeline, tmp_path)
    commits = pipeline.commits()
    landed, refused, doubled = (
        sum(getattr(commit, name) for commit in commits)
        for name in ("rows", "quarantined_rows", "duplicates_dropped")
    )
    say(
        f"landed {landed}, quarantined {refused}, already there {doubled}, of {sent}; "
        f"{time.monotonic() - began:.0f} s, peak {peak >> 20} MB, {len(commits)} commits, "
        f"{log.count('read record by record')} of them read record by record, "
        f"{log.count('reading the batch again')} after a failed job"
    )
    assert landed + refused + doubled == sent == RECORDS
    own = f"trade_id BETWEEN 1 AND {good}"
    query = f"SELECT count(DISTINCT trade_id) FROM trades WHERE symbol = 'BTC_USD' AND {own}"
    assert pipeline.query(query) == [(good,)]
    places = 'count(*), count(DISTINCT (partition, "offset")), count(reason)'
    assert pipeline.query(f"SELECT {places} FROM quarantine") == [(refused, refused, refused)]
    assert peak < MOST_MEMORY


def say(line: str) -> None:
    """On the screen, where pytest lets it through."""
    sys.stdout.write(f"{line}\n")


def land(pipeline: Pipeline, folder: Path) -> tuple[int, str]:
    """Run the stream as a program; the most memory it and its children had, and its log."""
    program = ROOT / "spark_consumer" / "main.py"
    environment = pipeline.environment(MAX_OFFSETS_PER_TRIGGER=str(max(10_000, RECORDS // 10)))
    log = folder / "stream.log"
    peak = 0
    with log.open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, str(program), "--once"],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while run.poll() is None:
                peak = max(peak, resident_bytes(run.pid))
                time.sleep(0.2)
        finally:
            run.terminate()
    text = log.read_text(errors="replace")
    assert run.returncode == 0, text[-2000:]
    return peak, text
