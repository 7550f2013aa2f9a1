"""A lake in a temporary folder, and staged files as Spark would write them."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lake.storage.atomic_swap
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange
from lake.write.batch import Batch
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import HOUR, SOURCE, land

StageBatch = Callable[..., Batch]


@pytest.fixture
def layout(tmp_path: Path) -> LakeLayout:
    """An empty lake."""
    return LakeLayout(base=tmp_path / "data", exchange="KRAKEN")


def write_trades(path: Path, ids: Iterable[int]) -> None:
    """A Parquet file with the columns that matter to the lake."""
    ids = list(ids)
    path.parent.mkdir(parents=True, exist_ok=True)
    price = pa.array([Decimal("105433.6000000000")] * len(ids), pa.decimal128(28, 10))
    pq.write_table(pa.table({"trade_id": pa.array(ids, pa.int64()), "price": price}), path)


@pytest.fixture
def stage() -> StageBatch:
    """Stages ids as one file of one hour, for a batch that ends at an offset."""

    def staged(
        writer: LakeWriter, number: int, ids: Iterable[int], *, end: int, folder: str = HOUR
    ) -> Batch:
        ids = list(ids)
        batch = Batch(
            folder=writer.staging_folder(number),
            source=SOURCE,
            offsets={0: OffsetRange(start=writer.state.position.get(0, 0), end=end)},
            expected_trades=len(ids),
            expected_quarantined=0,
        )
        if ids:
            write_trades(batch.trades / folder / "part-00000-x.c000.zstd.parquet", ids)
        return batch

    return staged


def landed_ids(layout: LakeLayout) -> list[int]:
    """What a reader sees that merely lists files."""
    ids: list[int] = []
    for path in sorted(layout.trades.rglob("*.parquet")):
        ids += pq.read_table(path, partitioning=None).column("trade_id").to_pylist()
    return sorted(ids)


@pytest.fixture
def whole(layout: LakeLayout) -> LakeLayout:
    """A lake of two files without a fault."""
    land(layout, range(1, 101), range(101, 151))
    return layout


@pytest.fixture
def crowded(layout: LakeLayout) -> LakeLayout:
    """A lake of one folder with three files, out of order."""
    land(layout, range(41, 61), range(1, 21), range(21, 41))
    return layout


@pytest.fixture(params=["in one step", "by two renames"])
def any_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems that exchange folders, and those that cannot."""
    if request.param == "by two renames":
        monkeypatch.setattr(lake.storage.atomic_swap, "_exchange", lambda *_: False)
