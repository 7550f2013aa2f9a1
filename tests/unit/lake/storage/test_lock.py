import os
import subprocess
import sys
from pathlib import Path

import pytest

from lake.errors import LakeBusy
from lake.storage.lock import writer_lock

HOLD = """
import sys
from pathlib import Path
from lake.storage.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_learns_who_holds_the_lake(tmp_path: Path) -> None:
    """The error names the holder's pid; once it is killed the lake is free."""
    path = tmp_path / "writer.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LakeBusy, match=f"pid {holder.pid} "), writer_lock(path, patience=0):
            pass
        holder.kill()
    with writer_lock(path, patience=5):
        assert path.read_text().startswith(f"pid {os.getpid()} ")
