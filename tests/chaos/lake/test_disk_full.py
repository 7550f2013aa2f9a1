"""A lake on a disk that fills up: a small tmpfs in a mount namespace of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.engine import ROOT

LANDER = Path(__file__).with_name("lander.py")
LAST_ID = 20_000

STEPS = """
set -u
mount -t tmpfs -o size=400k none "$LAKE"
"$PYTHON" "$LANDER" "$LAKE" "$LAST_ID" && echo "it was large enough"
mount -o remount,size=64m none "$LAKE"
"$PYTHON" "$LANDER" "$LAKE" "$LAST_ID" || exit 1
cp -r "$LAKE/KRAKEN" "$COPY"
"""


def test_a_disk_that_fills_up_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The writer ends with an error; with more space the next one goes on, each trade once."""
    lake, copy = tmp_path / "lake", tmp_path / "copy"
    lake.mkdir()
    ended = subprocess.run(
        [shutil.which("unshare") or "unshare", "--mount", "--map-root-user", "sh", "-c", STEPS],
        env={
            "LAKE": str(lake),
            "COPY": str(copy),
            "PYTHON": sys.executable,
            "LANDER": str(LANDER),
            "LAST_ID": str(LAST_ID),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "large enough" not in ended.stdout
    assert "No space left on device" in ended.stderr
    (row,) = duckdb.execute(
        "SELECT count(*), count(DISTINCT trade_id), sum(trade_id) FROM read_parquet(?)",
        [f"{copy}/**/*.parquet"],
    ).fetchall()
    assert row == (LAST_ID, LAST_ID, LAST_ID * (LAST_ID + 1) // 2)
