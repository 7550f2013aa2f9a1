"""Whether the examples of docs/reading-the-lake.md work as they stand there."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from lake.layout import LakeLayout, folder_of
from tests.unit.lake.lakes import land

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "reading-the-lake.md"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
AT = datetime(2025, 11, 10, 17, tzinfo=UTC)


def trades(ids: list[int], **later: str) -> pa.Table:
    """Trades as files have them, with a column that came later or without it."""
    amounts = pa.array([Decimal("105433.6")] * len(ids), pa.decimal128(28, 10))
    columns = {
        "trade_id": pa.array(ids, pa.int64()),
        "price": amounts,
        "volume": amounts,
        "executed_at": pa.array([AT] * len(ids), pa.timestamp("us", "UTC")),
    }
    return pa.table(columns | {name: pa.array([text] * len(ids)) for name, text in later.items()})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split()[1])
def test_an_example_reads_a_lake_whose_columns_grew(example: str, tmp_path: Path) -> None:
    """Files of before and after a column was added are read together."""
    layout = LakeLayout(base=tmp_path / "data", exchange="KRAKEN")
    land(layout, trades([1, 2]), trades([3], feed="REST"), folder=folder_of(AT, "BTC/USD"))
    settings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", f"{example}\nprint(trades if 'trades' in dir() else paths)"],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "BTC_USD" in done.stdout or "part-" in done.stdout
