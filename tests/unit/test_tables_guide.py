"""Whether the examples of docs/tables.md work as they stand there."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.layout import LakeLayout, folder_of
from lake.tables.formats import table_of
from lake.tables.sync import sync
from lake.tables.table import TableFormat
from tests.engine import ROOT
from tests.unit.lake.lakes import land
from tests.unit.test_reading_guide import AT, trades

pytest.importorskip("deltalake")

GUIDE = ROOT / "docs" / "tables.md"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_reads_the_table(example: str, tmp_path: Path) -> None:
    """Files of before and after a column was added, by the column and the rows that it prints."""
    layout = LakeLayout(base=tmp_path / "data", exchange="KRAKEN")
    land(layout, trades([1, 2]), trades([3], feed="REST"), folder=folder_of(AT, "BTC/USD"))
    for table_format in TableFormat:
        sync(layout, table_of(layout, table_format, ""), datetime(2000, 1, 1, tzinfo=UTC))
    settings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3" in done.stdout
