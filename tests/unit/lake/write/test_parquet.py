from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.settings import Compression
from lake.write.parquet import write_sorted


@pytest.fixture(scope="module")
def trades() -> "pa.Table":
    """Synthetic: prices that walk, volumes of any size, one in six of them as one before."""
    rng, count = Random(7), 20_000
    prices = [10**6]
    while len(prices) < count:
        prices.append(prices[-1] + rng.choice((-3, -1, 0, 0, 0, 1, 3)))
    sizes = [rng.lognormvariate(0, 2) for _ in range(8)]
    volumes = [
        rng.choice(sizes) if rng.random() < 1 / 6 else rng.lognormvariate(0, 2) for _ in prices
    ]
    amount = pa.decimal128(28, 10)
    return pa.table(
        {
            "trade_id": pa.array(range(1, count + 1), pa.int64()),
            "price": pa.array([Decimal(price).scaleb(-1) for price in prices], amount),
            "volume": pa.array([Decimal(f"{volume:.8f}") for volume in volumes], amount),
        }
    )


@pytest.mark.parametrize("compression", ["zstd", "snappy"])
def test_a_file_holds_what_was_written(
    trades: "pa.Table", tmp_path: Path, compression: Compression
) -> None:
    """Whatever the codec, whether written in haste or thoroughly."""
    for thorough in (False, True):
        write_sorted(trades, tmp_path / "part.parquet", compression, thorough=thorough)
        assert pq.read_table(tmp_path / "part.parquet").equals(trades)
        chunk = pq.read_metadata(tmp_path / "part.parquet").row_group(0).column(2)
        assert chunk.compression == compression.upper()


def test_a_thorough_file_is_smaller(trades: "pa.Table", tmp_path: Path) -> None:
    """Both of its amounts are encoded so; the ids are not, as they take no space as they are."""
    for thorough, name in ((False, "hasty"), (True, "thorough")):
        write_sorted(trades, tmp_path / name, "zstd", thorough=thorough)
    hasty, thorough_ = (pq.read_metadata(tmp_path / name) for name in ("hasty", "thorough"))
    for column in (1, 2):
        before, after = (
            file.row_group(0).column(column).total_compressed_size for file in (hasty, thorough_)
        )
        assert after < 0.98 * before


@pytest.mark.parametrize("rows", [1, 8])
def test_a_file_of_a_few_rows_is_smaller_with_snappy(
    trades: "pa.Table", tmp_path: Path, rows: int
) -> None:
    """A micro-batch of many pairs is made of such files; compaction writes them with zstd."""
    few = trades.slice(0, rows)
    write_sorted(few, tmp_path / "few", "zstd")
    write_sorted(few, tmp_path / "zstd", "zstd", thorough=True)
    assert pq.read_table(tmp_path / "few").equals(few)
    codecs = [
        pq.read_metadata(tmp_path / name).row_group(0).column(0).compression
        for name in ("few", "zstd")
    ]
    assert codecs == ["SNAPPY", "ZSTD"]
    assert (tmp_path / "few").stat().st_size <= (tmp_path / "zstd").stat().st_size
