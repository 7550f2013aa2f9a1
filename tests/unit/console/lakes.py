"""Small lakes of synthetic trades, landed as the stream lands them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from lake.layout import LakeLayout, folder_of
from lake.log.commit import OffsetRange, Role
from lake.log.snapshot import read_snapshot
from lake.storage.object_path import ObjectPath
from lake.write.batch import Batch
from lake.write.compaction import Compaction
from lake.write.staged_files import stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import SOURCE, run_id

DECIMAL = pa.decimal128(28, 10)
Row = tuple[int, datetime, Decimal, Decimal, str]


def synthetic(
    first_id: int, count: int, start: datetime, step: timedelta = timedelta(seconds=1)
) -> list[Row]:
    """Trades with ids in a row, at prices that go up and down; generated, not recorded."""
    return [
        (
            first_id + n,
            start + n * step,
            Decimal(100) + Decimal((first_id + n) * 37 % 101) / 10,
            Decimal("0.01") * ((first_id + n) % 7 + 1),
            "BUY" if (first_id + n) % 3 else "SELL",
        )
        for n in range(count)
    ]


def table(rows: Iterable[Row]) -> pa.Table:
    """The columns of the lake's files."""
    ids, times, prices, volumes, sides = zip(*rows, strict=True)
    stamp = pa.timestamp("us", "UTC")
    return pa.table(
        {
            "exchange": pa.array(["KRAKEN"] * len(ids)),
            "trade_id": pa.array(ids, pa.int64()),
            "price": pa.array([one.quantize(Decimal("1e-10")) for one in prices], DECIMAL),
            "volume": pa.array([one.quantize(Decimal("1e-10")) for one in volumes], DECIMAL),
            "side": pa.array(sides),
            "order_type": pa.array(["MARKET"] * len(ids)),
            "misc": pa.array([""] * len(ids)),
            "executed_at": pa.array(times, stamp),
            "ingested_at": pa.array(times, stamp),
        }
    )


def land(layout: LakeLayout, trades: dict[str, list[Row]]) -> None:
    """Land the trades of some pairs as one commit of the stream."""
    with LakeWriter.open(layout, run_id=run_id(layout, "r1")) as writer:
        land_with(writer, trades)


def land_with(writer: LakeWriter, trades: dict[str, list[Row]]) -> None:
    """The same, with a writer that stays open."""
    start = writer.state.position.get(0, 0)
    count = sum(map(len, trades.values()))
    number = writer.state.number
    folder = writer.staging_folder(number)
    uploaded = []
    for symbol, rows in trades.items():
        for hour, inside in by_hour(rows).items():
            partition = folder_of(hour, symbol)
            if isinstance(folder, ObjectPath):
                place = trade_file(folder, partition, "0")
                uploaded.append(stage_trades(table(inside), place, partition, "zstd"))
                continue
            path = folder / "trades" / partition / f"part-{number}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table(inside), path)
    batch = Batch(
        folder=folder,
        expected_trades=count,
        expected_quarantined=0,
        source=SOURCE,
        offsets={0: OffsetRange(start=start, end=start + count)},
        trade_files=uploaded or None,
    )
    writer.commit(batch)


def by_hour(rows: Iterable[Row]) -> dict[datetime, list[Row]]:
    """Trades by the hour of their folder."""
    found: dict[datetime, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[1].replace(minute=0, second=0, microsecond=0)].append(row)
    return found


def compact(layout: LakeLayout) -> None:
    """What `kraken-lake compact` does to every hour."""
    with LakeWriter.open(layout, run_id=run_id(layout, "m1"), role=Role.MAINTENANCE) as writer:
        done = Compaction(layout, writer, "zstd").run(
            read_snapshot(layout), datetime(2999, 1, 1, tzinfo=UTC)
        )
        list(done)
