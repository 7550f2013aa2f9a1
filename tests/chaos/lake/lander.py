"""A writer to be killed: lands made-up trades as the stream does, but without Spark.

The offsets of its pretended topic are trade ids less one, so that a look at the lake shows
what must be in it. `--kill-at lake.write.writer.move:2` ends the process with SIGKILL at the
second call of that function, before the call; `:2:after` ends it after the call.
"""

import argparse
import importlib
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout
from lake.log.commit import OffsetRange, Source
from lake.write.batch import Batch
from lake.write.writer import LakeWriter

SOURCE = Source(cluster_id="made up", topic="made.up", topic_id="1")
IDS_PER_HOUR = 200


def main() -> None:
    """Land trades up to the last id, or until killed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lake", type=Path)
    arguments.add_argument("last_id", type=int)
    arguments.add_argument("--batch", type=int, default=300, help="the most trades of one")
    arguments.add_argument("--kill-at", default="")
    given = arguments.parse_args()
    if given.kill_at:
        kill_at(given.kill_at)
    layout = LakeLayout(given.lake.absolute(), "KRAKEN")
    with LakeWriter.open(layout, run_id=f"{os.getpid()}") as writer:
        number = 0
        while (start := writer.state.position.get(0, 0)) < given.last_id:
            end = min(start + random.randint(1, given.batch), given.last_id)
            land(writer, number, start, end)
            number += 1


def land(writer: LakeWriter, number: int, start: int, end: int) -> None:
    """One batch: the ids from start + 1 to end, and sometimes some that landed before."""
    again = random.choice([0, 0, 0, 5])
    ids = range(max(1, start + 1 - again), end + 1)
    batch = Batch(
        folder=writer.staging_folder(number),
        expected_trades=len(ids),
        expected_quarantined=0,
        source=SOURCE,
        offsets={0: OffsetRange(start=start, end=end)},
    )
    for hour in sorted({trade_id // IDS_PER_HOUR for trade_id in ids}):
        in_hour = [trade_id for trade_id in ids if trade_id // IDS_PER_HOUR == hour]
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        date = f"year={at.year}/month={at.month}/day={at.day}/hour={at.hour}"
        folder = batch.trades / date / "symbol=BTC_USD"
        folder.mkdir(parents=True)
        columns = {
            "trade_id": pa.array(in_hour, pa.int64()),
            "executed_at": pa.array([at] * len(in_hour), pa.timestamp("us", "UTC")),
        }
        table = pa.table(columns)
        pq.write_table(table, folder / "part-0.parquet")
    writer.commit(batch)


def kill_at(point: str, linger: float = 0.0) -> None:
    """End this process with SIGKILL at a call of a function, as its importer knows it.

    It may linger there before, so that others see what it would leave behind, locks held.
    """
    name, nth, *after = point.split(":")
    module_name, function_name = name.rsplit(".", 1)
    module = importlib.import_module(module_name)
    real: Any = getattr(module, function_name)
    calls = 0

    def deadly(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == int(nth) and not after:
            die()
        result = real(*args, **kwargs)
        if calls == int(nth):
            die()
        return result

    def die() -> None:
        time.sleep(linger)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, function_name, deadly)


if __name__ == "__main__":
    main()
